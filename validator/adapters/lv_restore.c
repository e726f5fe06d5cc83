/*
 * Starting a clone from a warm image.
 *
 * libvirt reads a saved domain from a file, front to back and once.  It gets a FIFO: the header
 * that we rewrote goes in first, then a thread splices the memory from the page cache.  So nothing
 * is copied, and nothing is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/lv_clone.h"
#include "adapters/lv_warm.h"
#include "adapters/qga.h"
#include "adapters/save_image.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

enum { PIPE_BYTES = 1 << 20, AGENT_MS = 30000 };

/* --- the header ----------------------------------------------------------------------------- */

static int replace(struct save_image *s, const char *before, const char *from, const char *to,
                   const char *after, int times, struct err **err)
{
    AUTO_FREE char *a = save_image_escape(from);
    AUTO_FREE char *b = save_image_escape(to);
    AUTO_FREE char *old = xasprintf("%s%s%s", before, a, after);
    AUTO_FREE char *new = xasprintf("%s%s%s", before, b, after);

    return save_image_replace(s, old, new, times, err);
}

static int put_payload(struct save_image *s, const char *path, struct err **err)
{
    static const char drive[] = "      <driver name='qemu' type='raw'/>\n",
                      target[] = "      <target dev='sda' bus='scsi'/>\n";
    AUTO_FREE char *file = save_image_escape(path);
    AUTO_FREE char *empty = xasprintf("%s%s", drive, target);
    AUTO_FREE char *full = xasprintf("%s      <source file='%s'/>\n%s", drive, file, target);

    return save_image_replace(s, empty, full, 1, err);
}

static int rename_domain(const struct lv_clone *c, const struct lv_saved *old, struct save_image *s,
                         struct err **err)
{
    AUTO_FREE char *old_port = xasprintf("%d", old->sink_port);
    AUTO_FREE char *new_port = xasprintf("%d", c->sink_port);

    if (replace(s, "<name>", old->name, c->name, "</name>", 1, err) < 0
        || replace(s, "<uuid>", old->uuid, c->uuid, "</uuid>", 1, err) < 0
        || replace(s, "='", old->dir, c->dir, "/overlay.qcow2'", 1, err) < 0
        || replace(s, "='", old->dir, c->dir, "/console.log'", 0, err) < 0
        || replace(s, "='", old->dir, c->dir, "/console.sock'", 0, err) < 0
        || replace(s, "='", old->dir, c->dir, "/agent.sock'", 0, err) < 0
        || replace(s, "<source address='127.0.0.1' port='", old_port, new_port, "'>", 1, err) < 0)
        return -1;
    if (c->spec.firmware == FIRMWARE_UEFI
        && replace(s, ">", old->dir, c->dir, "/nvram.fd<", 1, err) < 0)
        return -1;
    return c->spec.payload ? put_payload(s, c->spec.payload, err) : 0;
}

/* --- the memory ----------------------------------------------------------------------------- */

struct feeder {
    pthread_t thread;
    int from, to; /* the saved memory, the FIFO */
    int reader;   /* keeps the FIFO open until libvirt has opened it */
    loff_t at;
    const struct stop *stop;
};

/* Ends with the file, or when nobody reads any more. */
static void *feed(void *arg)
{
    struct feeder *f = arg;

    while (!stop_raised(f->stop)) {
        ssize_t n = splice(f->from, &f->at, f->to, NULL, PIPE_BYTES, SPLICE_F_MOVE);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
    }
    fd_closep(&f->to);
    f->to = -1;
    return NULL;
}

/* A signal is for the main thread; a broken pipe is an error and no signal. */
static int start_feeder(struct feeder *f, struct err **err)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&f->thread, NULL, feed, f);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc ? err_set_errno(err, rc, "cannot start a thread") : 0;
}

static int open_fifo(const char *path, const struct save_image *s, struct feeder *f,
                     struct err **err)
{
    AUTO_STR header = STR_INIT(2 * SAVE_IMAGE_DATA_MAX);

    save_image_header(s, &header);
    if (mkfifo(path, 0600) != 0)
        return err_set_errno(err, errno, "cannot make '%s'", path);
    f->reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    f->to = open(path, O_WRONLY | O_CLOEXEC);
    if (f->reader < 0 || f->to < 0)
        return err_set_errno(err, errno, "cannot open '%s'", path);
    /* Big enough for the header, so that writing it waits for nobody. */
    int room = fcntl(f->to, F_SETPIPE_SZ, PIPE_BYTES);
    if (room < 0)
        room = fcntl(f->to, F_GETPIPE_SZ);
    if ((size_t)room < header.len || write(f->to, header.ptr, header.len) != (ssize_t)header.len)
        return err_set(err, ERR_IO, "cannot hand libvirt a header of %zu bytes", header.len);
    return 0;
}

static int restore_from(struct lv_clone *c, const char *fifo, struct feeder *f, struct err **err)
{
    if (start_feeder(f, err) < 0)
        return -1;
    int rc = virDomainRestore(c->lab->conn, fifo);
    if (rc < 0)
        lv_err_set(err, "the memory cannot be restored");
    fd_closep(&f->reader);
    f->reader = -1;
    pthread_join(f->thread, NULL);
    if (stop_raised(c->spec.stop) && rc < 0)
        err_clear(err);
    return rc < 0 && stop_raised(c->spec.stop) ? stop_check(c->spec.stop, err) : rc;
}

static int restore_memory(struct lv_clone *c, const struct lv_warm *w, const struct lv_saved *old,
                          struct err **err)
{
    AUTO_FREE char *fifo = path_join(c->dir, "memory");
    AUTO_SAVE_IMAGE image = { 0 };
    AUTO_FD from = open(w->memory, O_RDONLY | O_CLOEXEC);

    if (from < 0)
        return err_set_errno(err, errno, "cannot open '%s'", w->memory);
    if (save_image_read(from, &image, err) < 0 || rename_domain(c, old, &image, err) < 0)
        return -1;
    struct feeder f = {
        .from = from, .to = -1, .reader = -1, .stop = c->spec.stop, .at = image.stream_at
    };
    int rc = open_fifo(fifo, &image, &f, err);
    if (rc == 0)
        rc = restore_from(c, fifo, &f, err);
    fd_closep(&f.reader);
    fd_closep(&f.to);
    unlink(fifo);
    if (rc < 0)
        return -1;
    c->domain = virDomainLookupByUUIDString(c->lab->conn, c->uuid);
    if (!c->domain)
        return lv_err_set(err, "the restored clone is gone");
    lv_clone_adopt(c);
    return 0;
}

/* --- all of it ------------------------------------------------------------------------------ */

static int restore_files(struct lv_clone *c, const struct lv_warm *w, struct err **err)
{
    if (lv_clone_files(c, w->disk, err) < 0)
        return -1;
    if (c->spec.firmware != FIRMWARE_UEFI)
        return 0;
    if (file_copy(w->nvram, c->nvram, 0600, err) < 0)
        return -1;
    return lab_slot_give(&c->lab->slot, c->nvram, err);
}

static int restore(struct lv_clone *c, struct lv_saved *ret, struct err **err)
{
    AUTO_WARM_FACTS facts = { 0 };
    AUTO_LV_WARM w = { 0 };

    if (lv_warm_read(c->lab, &c->spec, &facts, ret, err) < 0)
        return -1;
    if (facts.unusable)
        return err_set(err, ERR_CONFLICT, "the warm image cannot be used: %s", facts.unusable);
    lv_warm_paths(c->spec.warm, &w);
    if (restore_files(c, &w, err) < 0 || restore_memory(c, &w, ret, err) < 0)
        return -1;
    c->base.how = "warm restore";
    return 0;
}

int lv_restore(struct lv_clone *c, struct err **err)
{
    AUTO_LV_SAVED old = { 0 };

    if (restore(c, &old, err) < 0)
        return -1;
    return qga_resume(c->base.guest, &old.rest, AGENT_MS, err);
}

int lv_restore_paused(struct lv_clone *c, struct lv_saved *ret, struct err **err)
{
    AUTO_LV_SAVED old = { 0 };

    if (restore(c, &old, err) < 0 || qga_rehearse(c->base.guest, &old.rest, AGENT_MS, err) < 0)
        return -1;
    if (virDomainSuspend(c->domain) < 0)
        return lv_err_set(err, "the restored clone cannot be paused");
    *ret = old;
    old = (struct lv_saved){ 0 };
    return 0;
}

int lv_restore_wake(struct lv_clone *c, const struct qga_rest *rest, struct err **err)
{
    if (virDomainResume(c->domain) < 0)
        return lv_err_set(err, "the restored clone cannot be resumed");
    return qga_resume(c->base.guest, rest, AGENT_MS, err);
}
