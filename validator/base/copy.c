/* copy - large files, by the cheapest way that the file system offers; see base/file.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/mem.h"
#include "base/temp_file.h"

enum { CHUNK = 1 << 20 };

/* One piece through our own memory, for file systems between which the kernel cannot copy. */
static ssize_t copy_by_hand(int in, int out, off_t at, size_t len)
{
    AUTO_FREE char *buf = xreallocarray(NULL, CHUNK, 1);
    ssize_t n = pread(in, buf, len < CHUNK ? len : CHUNK, at);

    return n > 0 ? pwrite(out, buf, (size_t)n, at) : n;
}

static ssize_t copy_some(int in, int out, off_t at, size_t len)
{
    off_t from = at;
    off_t to = at;
    ssize_t n = copy_file_range(in, &from, out, &to, len, 0);

    /* EXDEV, EINVAL, EOPNOTSUPP, ENOSYS mean "not here"; a real fault shows again by hand.  Some
     * file systems answer 0 for data that is there. */
    return n > 0 ? n : copy_by_hand(in, out, at, len);
}

static int copy_extent(int in, int out, off_t at, off_t end)
{
    while (at < end) {
        ssize_t n = copy_some(in, out, at, (size_t)(end - at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            return 0; /* it has shrunk meanwhile; the caller compares sizes */
        at += n;
    }
    return 0;
}

/* Only data is copied; what is never written stays a hole, and ftruncate() makes the last one. */
static int copy_sparse(int in, int out, off_t size)
{
    off_t at = 0;

    while (at < size) {
        off_t data = lseek(in, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            break;
        off_t hole = data < 0 ? -1 : lseek(in, data, SEEK_HOLE);
        if (hole < 0)
            return copy_extent(in, out, at, size) < 0 ? -1 : ftruncate(out, size);
        if (copy_extent(in, out, data, hole < size ? hole : size) < 0)
            return -1;
        at = hole;
    }
    return ftruncate(out, size);
}

static int copy_fd(int in, int64_t size, int out, const char *from, const char *to,
                   struct err **err)
{
    struct stat after;

    if (ioctl(out, FICLONE, in) == 0)
        return 0;
    if (copy_sparse(in, out, size) < 0 || fstat(in, &after) != 0)
        return err_set_errno(err, errno, "cannot copy '%s' to '%s'", from, to);
    if (after.st_size != size)
        return err_set(err, ERR_CONFLICT, "'%s' changed while it was copied", from);
    return 0;
}

int file_copy(const char *from, const char *to, mode_t mode, struct err **err)
{
    AUTO_TEMP_FILE t = TEMP_FILE_NONE;
    int64_t size;
    AUTO_FD in = file_open_regular(from, &size, err);

    if (in < 0 || temp_file_open(&t, to, mode, err) < 0)
        return -1;
    if (copy_fd(in, size, t.fd, from, to, err) < 0)
        return -1;
    return temp_file_commit(&t, err);
}

/* By way of a second name, so that an existing `to` is replaced in one step, as by file_copy(). */
int file_link_or_copy(const char *from, const char *to, mode_t mode, struct err **err)
{
    AUTO_FREE char *temp = temp_file_name(to);
    AUTO_FREE char *dir = path_dir(to);

    if (linkat(AT_FDCWD, from, AT_FDCWD, temp, 0) != 0) {
        if (errno == ENOENT || errno == ENOSPC)
            return err_set_errno(err, errno, "cannot link '%s' to '%s'", to, from);
        return file_copy(from, to, mode, err);
    }
    int rc = rename(temp, to);
    int why = errno;
    unlink(temp); /* rename() does nothing when both names already are the same file */
    if (rc != 0)
        return err_set_errno(err, why, "cannot link '%s' to '%s'", to, from);
    return dir_sync(dir, err);
}
