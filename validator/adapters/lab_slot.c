/* Slots of the lab directory: taking one, preparing it for the embedded driver; see lab_slot.h. */
#include "adapters/lab_slot.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/libvirt_lab.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

enum {
    SLOTS_MAX = 64,
    /* libvirt puts sockets at <dir>/lib/qemu/domain-<n>-<20 characters>/monitor.sock, and a
     * socket's path has at most 107 bytes. */
    SLOT_DIR_MAX = 55,
};

const char qemu_user_name[] = "libvirt-qemu";

/* No daemon writes our logs, nobody labels our files, and with namespaces QEMU would get a /dev of
 * its own, which cannot be built while /dev/kvm is hidden.  The filter makes libvirt ask for the
 * CPU's features in one question; else it asks for each, some 400, at every start. */
static const char qemu_conf[] = "stdio_handler = \"file\"\n"
                                "security_driver = \"none\"\n"
                                "security_default_confined = 0\n"
                                "dynamic_ownership = 0\n"
                                "remember_owner = 0\n"
                                "namespaces = []\n"
                                "capability_filters = [ \"cpu-unavailable-features\" ]\n";

static int find_qemu_user(struct lab_slot *s, struct err **err)
{
    s->uid = geteuid();
    s->gid = getegid();
    s->own = s->uid != 0;
    if (s->own)
        return 0;
    const struct passwd *pw = getpwnam(qemu_user_name);
    if (!pw) {
        err_set(err, ERR_IO, "there is no user '%s' for QEMU to run as", qemu_user_name);
        return err_hint(err, "run 'patchlab doctor --fix', or 'make deps' in the source tree");
    }
    s->uid = pw->pw_uid;
    s->gid = pw->pw_gid;
    return 0;
}

int lab_slot_give(const struct lab_slot *s, const char *path, struct err **err)
{
    if (!s->own && chown(path, s->uid, s->gid) != 0)
        return err_set_errno(err, errno, "cannot give '%s' to user '%s'", path, qemu_user_name);
    return 0;
}

/* QEMU's user must be able to pass through, not to look around. */
static int make_passage(const char *dir, struct err **err)
{
    if (dir_make(dir, 0711, err) < 0)
        return -1;
    if (chmod(dir, 0711) != 0)
        return err_set_errno(err, errno, "cannot change the mode of '%s'", dir);
    return 0;
}

static int share_cache(const char *cache, const char *slot_dir, struct err **err)
{
    AUTO_FREE char *link = path_join(slot_dir, "cache");

    if (make_passage(cache, err) < 0)
        return -1;
    if ((unlink(link) != 0 && errno != ENOENT) || symlink(cache, link) != 0)
        return err_set_errno(err, errno, "cannot make '%s'", link);
    return 0;
}

static int prepare(const char *cache, struct lab_slot *s, struct err **err)
{
    AUTO_FREE char *etc = path_join(s->dir, "etc");
    AUTO_FREE char *conf = path_join(etc, "qemu.conf");
    AUTO_FREE char *vm = path_join(s->dir, "vm");

    if (make_passage(s->dir, err) < 0 || make_passage(etc, err) < 0 || make_passage(vm, err) < 0
        || share_cache(cache, s->dir, err) < 0)
        return -1;
    return file_write(conf, qemu_conf, strlen(qemu_conf), 0644, err);
}

/* The lock of slot `n`: a descriptor, or -1 when another process has it (or on error). */
static int lock_slot(const char *lab_dir, const char *name, struct err **err)
{
    AUTO_FREE char *file = xasprintf("%s/%s.lock", lab_dir, name);

    return file_lock(file, /* wait= */ false, err);
}

/* Sweeps every slot that exists and has no owner. */
static int sweep_free_slots(const char *lab_dir, struct err **err)
{
    AUTO_STRV names = { 0 };
    int swept = 0;

    if (dir_list(lab_dir, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *dir = path_join(lab_dir, names.ptr[i]);
        AUTO_FREE char *vm = path_join(dir, "vm");
        AUTO_ERR busy = NULL;
        if (!file_exists(vm))
            continue;
        AUTO_FD lock = lock_slot(lab_dir, names.ptr[i], &busy);
        if (lock < 0)
            continue;
        int n = lab_slot_sweep(dir, err);
        if (n < 0)
            return -1;
        swept += n;
    }
    return swept;
}

static int take_first_free(const char *lab_dir, struct lab_slot *s, struct err **err)
{
    for (int i = 0; i < SLOTS_MAX; i++) {
        AUTO_FREE char *name = xasprintf("%d", i);
        AUTO_ERR e = NULL;

        s->lock = lock_slot(lab_dir, name, &e);
        if (s->lock >= 0) {
            s->dir = path_join(lab_dir, name);
            s->name = TAKE(name);
            return 0;
        }
        if (e->code != ERR_CONFLICT) {
            *err = TAKE(e);
            return -1;
        }
    }
    return err_set(err, ERR_CONFLICT, "all %d slots of '%s' are taken", SLOTS_MAX, lab_dir);
}

int lab_slot_take(const char *lab_dir, const char *cache, struct lab_slot *ret, int *ret_swept,
                  struct err **err)
{
    struct lab_slot s = { .lock = -1 };

    if (find_qemu_user(&s, err) < 0 || make_passage(lab_dir, err) < 0)
        return -1;
    *ret_swept = sweep_free_slots(lab_dir, err);
    if (*ret_swept < 0 || take_first_free(lab_dir, &s, err) < 0)
        return -1;
    if (strlen(s.dir) > SLOT_DIR_MAX) {
        err_set(err, ERR_INVALID, "the lab directory '%s' is too long for libvirt's sockets",
                s.dir);
        err_hint(err, "choose a state directory of at most 48 characters with --state");
        lab_slot_release(&s);
        return -1;
    }
    if (prepare(cache, &s, err) < 0) {
        lab_slot_release(&s);
        return -1;
    }
    log_debug(LOG_LAB, "slot '%s'", s.dir);
    *ret = s;
    return 0;
}

void lab_slot_release(struct lab_slot *s)
{
    fd_closep(&s->lock);
    s->lock = -1;
    free(s->name);
    free(s->dir);
    s->name = s->dir = NULL;
}

int lab_slots_stale(const char *dir, struct err **err)
{
    AUTO_STRV names = { 0 };
    int stale = 0;

    if (!file_exists(dir))
        return 0;
    if (dir_list(dir, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *vm = xasprintf("%s/%s/vm", dir, names.ptr[i]);
        AUTO_STRV clones = { 0 };
        AUTO_ERR e = NULL;
        if (!file_exists(vm) || dir_list(vm, &clones, &e) < 0 || clones.len == 0)
            continue;
        AUTO_FD lock = lock_slot(dir, names.ptr[i], &e);
        stale += lock >= 0;
    }
    return stale;
}
