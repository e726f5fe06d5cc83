/* unpack_dir - new files below one directory, whatever they are called; see unpack_dir.h. */
#include "adapters/unpack_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { OPEN_DIR = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

int unpack_dir_open(struct unpack_dir *d, const char *path, int64_t made_max, struct err **err)
{
    d->made_max = made_max;
    d->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (d->fd < 0)
        return err_set_errno(err, errno, "cannot open directory '%s'", path);
    return 0;
}

static int count_one(struct unpack_dir *d, struct err **err)
{
    if (d->made >= d->made_max)
        return err_set(err, ERR_INVALID, "it holds more than %lld files and directories",
                       (long long)d->made_max);
    d->made++;
    return 0;
}

static int make_error(int errnum, struct err **err)
{
    if (errnum == EEXIST)
        return err_set(err, ERR_INVALID, "the name stands in the archive twice");
    if (errnum == ENOTDIR || errnum == ELOOP)
        return err_set(err, ERR_INVALID, "a part of its name is a file already");
    if (errnum == ENAMETOOLONG || errnum == EINVAL || errnum == EILSEQ)
        return err_set(err, ERR_INVALID, "this file system cannot hold such a name");
    return err_set_errno(err, errnum, "cannot create it");
}

/* Opens `name` in `parent`, making it when it is not there. */
static int enter(struct unpack_dir *d, int parent, const char *name, struct err **err)
{
    int fd = openat(parent, name, OPEN_DIR);

    if (fd >= 0)
        return fd;
    if (errno != ENOENT)
        return make_error(errno, err);
    if (count_one(d, err) < 0)
        return -1;
    /* The mode is set by itself: the umask must not decide it. */
    if (mkdirat(parent, name, 0700) != 0 || fchmodat(parent, name, 0755, 0) != 0)
        return make_error(errno, err);
    fd = openat(parent, name, OPEN_DIR);
    return fd >= 0 ? fd : make_error(errno, err);
}

/* The directory that the last component goes into, which `*name` is moved on to. */
static int enter_parents(struct unpack_dir *d, const char **name, struct err **err)
{
    AUTO_FD fd = openat(d->fd, ".", OPEN_DIR);
    int depth = 0;

    if (fd < 0)
        return err_set_errno(err, errno, "cannot open its directory");
    for (const char *slash = strchr(*name, '/'); slash; slash = strchr(*name, '/')) {
        AUTO_FREE char *part = xstrndup(*name, (size_t)(slash - *name));

        if (++depth > UNPACK_DEPTH_MAX)
            return err_set(err, ERR_INVALID, "it lies more than %d directories deep",
                           UNPACK_DEPTH_MAX);
        int next = enter(d, fd, part, err);
        if (next < 0)
            return -1;
        fd_closep(&fd);
        fd = next;
        *name = slash + 1;
    }
    int parent = fd;
    fd = -1;
    return parent;
}

int unpack_dir_add_dir(struct unpack_dir *d, const char *name, struct err **err)
{
    strv_add(&d->named, name);
    AUTO_FD parent = enter_parents(d, &name, err);
    if (parent < 0)
        return -1;
    AUTO_FD fd = enter(d, parent, name, err);
    return fd < 0 ? -1 : 0;
}

int unpack_dir_add_file(struct unpack_dir *d, const char *name, mode_t mode, int *ret_fd,
                        struct err **err)
{
    AUTO_FD parent = enter_parents(d, &name, err);
    if (parent < 0 || count_one(d, err) < 0)
        return -1;
    AUTO_FD fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return make_error(errno, err);
    if (fchmod(fd, mode) != 0)
        return err_set_errno(err, errno, "cannot set its mode");
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int unpack_dir_check(struct unpack_dir *d, struct err **err)
{
    strv_sort(&d->named);
    for (size_t i = 1; i < d->named.len; i++)
        if (str_eq(d->named.ptr[i - 1], d->named.ptr[i]))
            return err_set(err, ERR_INVALID, "directory '%s' stands in the archive twice",
                           d->named.ptr[i]);
    return 0;
}

void unpack_dir_release(struct unpack_dir *d)
{
    fd_closep(&d->fd);
    strv_release(&d->named);
}
