/* A locked scratch directory; see image_work.h. */
#include "core/image_work.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "core/site.h"
#include "ports/builder.h"

enum { POLL_MS = 200 };

static const char work_suffix[] = ".work";

static char *lock_path(const char *place, const char *name, size_t len)
{
    return xasprintf("%s/%.*s.lock", place, (int)len, name);
}

/* A build may have left files that only its builder knows how to remove. */
static int clean(const struct site *site, const char *dir, struct err **err)
{
    return site->builder ? site->builder->clean(dir, err) : dir_remove(dir, err);
}

/* Who held the lock before us removed the file, so that its name may belong to another one now. */
static bool is_at(int fd, const char *path)
{
    struct stat held, there;

    return fstat(fd, &held) == 0 && stat(path, &there) == 0 && held.st_ino == there.st_ino
           && held.st_dev == there.st_dev;
}

/* The descriptor; -1 without an error when another one has it. */
static int try_lock(const char *path, struct err **err)
{
    AUTO_ERR e = NULL;
    int fd = file_lock(path, /* wait= */ false, &e);

    if (fd >= 0 && !is_at(fd, path))
        fd_closep(&fd);
    else if (fd < 0 && e->code != ERR_CONFLICT)
        *err = TAKE(e);
    return fd;
}

static void sweep_one(const struct site *site, const char *place, const char *name)
{
    AUTO_FREE char *dir = path_join(place, name);
    AUTO_FREE char *path = lock_path(place, name, strlen(name) - strlen(work_suffix));
    AUTO_ERR ignored = NULL; /* it is in nobody's way, and the next one tries again */
    AUTO_FD lock = try_lock(path, &ignored);

    if (lock >= 0 && clean(site, dir, &ignored) == 0)
        unlink(path);
}

static int sweep(const struct site *site, const char *place, struct err **err)
{
    AUTO_STRV names = { 0 };

    if (dir_list(place, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++)
        if (str_ends(names.ptr[i], work_suffix))
            sweep_one(site, place, names.ptr[i]);
    return 0;
}

static int lock_or_wait(struct image_work *w, void (*waiting)(void *arg), void *arg,
                        struct err **err)
{
    AUTO_ERR e = NULL;
    bool told = !waiting;

    for (;;) {
        w->lock = try_lock(w->lock_path, &e);
        if (w->lock >= 0)
            return 0;
        if (e) {
            *err = TAKE(e);
            return -1;
        }
        if (!told)
            waiting(arg);
        told = true;
        if (stop_sleep(w->site->stop, POLL_MS, err) < 0)
            return -1;
    }
}

int image_work_open(const struct site *site, const char *place, const char *name,
                    void (*waiting)(void *arg), void *arg, struct image_work *ret, struct err **err)
{
    AUTO_IMAGE_WORK w = IMAGE_WORK_NONE;

    if (sweep(site, place, err) < 0)
        return -1;
    w.site = site;
    w.lock_path = lock_path(place, name, strlen(name));
    if (lock_or_wait(&w, waiting, arg, err) < 0)
        return -1;
    w.dir = xasprintf("%s/%s%s", place, name, work_suffix);
    if (clean(site, w.dir, err) < 0 || dir_make(w.dir, 0700, err) < 0)
        return -1;
    *ret = w;
    w = (struct image_work)IMAGE_WORK_NONE;
    return 0;
}

void image_work_close(struct image_work *w)
{
    AUTO_ERR ignored = NULL; /* what stays is swept by the next one */

    if (w->dir && clean(w->site, w->dir, &ignored) == 0)
        unlink(w->lock_path);
    fd_closep(&w->lock);
    free(w->dir);
    free(w->lock_path);
    *w = (struct image_work)IMAGE_WORK_NONE;
}
