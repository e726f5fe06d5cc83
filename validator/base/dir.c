/* dir - making, listing and removing directories; see base/file.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir_open.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

void dir_closep(DIR **dir)
{
    int saved = errno;

    if (*dir)
        closedir(*dir);
    errno = saved;
}

DIR *dir_open_at(int parent, const char *name)
{
    AUTO_FD fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (dir)
        fd = -1; /* closedir() closes it */
    return dir;
}

const struct dirent *dir_next(DIR *dir)
{
    const struct dirent *e;

    do {
        errno = 0;
        e = readdir(dir);
    } while (e && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
    return e;
}

bool dir_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int make_one(const char *path, mode_t mode)
{
    if (mkdir(path, 0700) == 0)
        return chmod(path, mode); /* exact, whatever the umask */
    int why = errno;
    if (why == EEXIST && dir_exists(path))
        return 0;
    errno = why;
    return -1;
}

int dir_make(const char *path, mode_t mode, struct err **err)
{
    AUTO_FREE char *part = xstrdup(path);

    /* From the top, so that a read-only parent that exists is never asked for. */
    for (char *p = part; *p; p++) {
        if (*p != '/' || p == part)
            continue;
        *p = '\0';
        if (make_one(part, mode) < 0)
            return err_set_errno(err, errno, "cannot create directory '%s'", part);
        *p = '/';
    }
    if (make_one(path, mode) < 0)
        return err_set_errno(err, errno, "cannot create directory '%s'", path);
    return 0;
}

static int remove_at(int parent, const char *name);

static int empty_dir(DIR *dir)
{
    /* A directory from an archive may be read-only; it is going anyway. */
    (void)fchmod(dirfd(dir), 0700);
    for (const struct dirent *e = dir_next(dir); e; e = dir_next(dir))
        if (remove_at(dirfd(dir), e->d_name) < 0)
            return -1;
    return errno ? -1 : 0;
}

static int remove_at(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    AUTO_DIR dir = dir_open_at(parent, name);
    if (!dir || empty_dir(dir) < 0)
        return -1;
    return unlinkat(parent, name, AT_REMOVEDIR);
}

int dir_remove(const char *path, struct err **err)
{
    AUTO_FREE char *bare = xstrdup(path);

    /* "link/" would reach through a symlink. */
    for (size_t len = strlen(bare); len > 1 && bare[len - 1] == '/'; len--)
        bare[len - 1] = '\0';
    if (remove_at(AT_FDCWD, bare) < 0)
        return err_set_errno(err, errno, "cannot remove '%s'", path);
    return 0;
}

int dir_sync(const char *path, struct err **err)
{
    AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0)
        return err_set_errno(err, errno, "cannot write directory '%s' to disk", path);
    return 0;
}

int dir_list(const char *path, struct strv *ret, struct err **err)
{
    AUTO_DIR dir = opendir(path);
    AUTO_STRV names = { 0 };

    if (!dir)
        return err_set_errno(err, errno, "cannot open directory '%s'", path);
    for (const struct dirent *e = dir_next(dir); e; e = dir_next(dir))
        strv_add(&names, e->d_name);
    if (errno)
        return err_set_errno(err, errno, "cannot read directory '%s'", path);
    strv_sort(&names);
    *ret = names;
    names = (struct strv){ 0 };
    return 0;
}

char *dir_temp(const char *parent, const char *prefix, struct err **err)
{
    const char *tmpdir = getenv("TMPDIR");
    const char *in = parent ? parent : tmpdir && *tmpdir ? tmpdir : "/tmp";
    AUTO_FREE char *name = xasprintf("%s-XXXXXX", prefix);
    AUTO_FREE char *path = path_join(in, name);

    if (!mkdtemp(path)) {
        err_set_errno(err, errno, "cannot create a directory in '%s'", in);
        return NULL;
    }
    return TAKE(path);
}

void dir_removep(char **path)
{
    AUTO_ERR ignored = NULL; /* nobody is left to tell; the sweep of the next start finds it */

    if (*path)
        dir_remove(*path, &ignored);
    free(*path);
    *path = NULL;
}
