/* file - whole files: read with a limit, written atomically, locked; see base/file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file_open.h"
#include "base/str.h"
#include "base/temp_file.h"

/* errno survives: the scope may be ending because of an error that is still to be told. */
void fd_closep(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

/* O_NONBLOCK: opening a fifo that someone planted must not wait for a writer. */
int file_open_regular(const char *path, int64_t *ret_size, struct err **err)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return err_set_errno(err, errno, "cannot open '%s'", path);
    if (fstat(fd, &st) != 0)
        return err_set_errno(err, errno, "cannot look at '%s'", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is not a regular file", path);
    if (ret_size)
        *ret_size = st.st_size;
    int opened = fd;
    fd = -1;
    return opened;
}

int file_read_at(int fd, int64_t at, void *buf, size_t len, struct err **err)
{
    while (len > 0) {
        ssize_t n = pread(fd, buf, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot read the file");
        if (n == 0)
            return err_set(err, ERR_INVALID, "it is truncated");
        buf = (char *)buf + n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static ssize_t read_some(int fd, void *buf, size_t len)
{
    ssize_t n;

    do
        n = read(fd, buf, len);
    while (n < 0 && errno == EINTR);
    return n;
}

char *file_read(const char *path, size_t max, size_t *ret_len, struct err **err)
{
    int64_t size;
    AUTO_FD fd = file_open_regular(path, &size, err);
    AUTO_STR text = STR_INIT(max);
    char piece[16384];

    if (fd < 0)
        return NULL;
    /* The size says little: it is 0 below /proc and may change while we read. */
    if (size > 0 && (uint64_t)size > max)
        text.truncated = true;
    while (!text.truncated) {
        ssize_t n = read_some(fd, piece, sizeof(piece));
        if (n < 0) {
            err_set_errno(err, errno, "cannot read '%s'", path);
            return NULL;
        }
        if (n == 0)
            break;
        str_add_mem(&text, piece, (size_t)n);
    }
    if (text.truncated) {
        err_set(err, ERR_INVALID, "'%s' is larger than %zu bytes", path, max);
        return NULL;
    }
    if (ret_len)
        *ret_len = text.len;
    return str_take(&text);
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode, struct err **err)
{
    AUTO_TEMP_FILE t = TEMP_FILE_NONE;

    if (temp_file_open(&t, path, mode, err) < 0)
        return -1;
    if (write_all(t.fd, data, len) < 0)
        return err_set_errno(err, errno, "cannot write '%s'", path);
    return temp_file_commit(&t, err);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int file_lock(const char *path, bool wait, struct err **err)
{
    AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc;

    if (fd < 0)
        return err_set_errno(err, errno, "cannot open lock '%s'", path);
    do
        rc = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (rc < 0 && errno == EINTR);
    if (rc < 0 && errno == EWOULDBLOCK)
        return err_set(err, ERR_CONFLICT, "'%s' is locked by another process", path);
    if (rc < 0)
        return err_set_errno(err, errno, "cannot lock '%s'", path);
    int held = fd;
    fd = -1;
    return held;
}

int64_t file_room(const char *path)
{
    struct statvfs v;

    if (statvfs(path, &v) != 0)
        return -1;
    return (int64_t)v.f_bavail * (int64_t)v.f_frsize;
}
