/* temp_file - the crash-safe way to put a file in place; see temp_file.h. */
#include "base/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

char *temp_file_name(const char *path)
{
    AUTO_FREE char *dir = path_dir(path);
    AUTO_FREE char *random = random_hex(8);
    /* Short and independent of the base name, which may already be as long as names can be. */
    AUTO_FREE char *name = xasprintf(".tmp-%s", random);

    return path_join(dir, name);
}

int temp_file_open(struct temp_file *t, const char *path, mode_t mode, struct err **err)
{
    AUTO_FREE char *temp = temp_file_name(path);
    AUTO_FD fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_set_errno(err, errno, "cannot create '%s'", path);
    t->path = xstrdup(path);
    t->temp = TAKE(temp);
    t->fd = fd;
    fd = -1;
    if (fchmod(t->fd, mode) != 0)
        return err_set_errno(err, errno, "cannot set the mode of '%s'", path);
    return 0;
}

int temp_file_commit(struct temp_file *t, struct err **err)
{
    AUTO_FREE char *dir = path_dir(t->path);

    if (fsync(t->fd) != 0)
        return err_set_errno(err, errno, "cannot write '%s' to disk", t->path);
    if (rename(t->temp, t->path) != 0)
        return err_set_errno(err, errno, "cannot rename '%s' to '%s'", t->temp, t->path);
    free(TAKE(t->temp));
    return dir_sync(dir, err);
}

void temp_file_release(struct temp_file *t)
{
    if (t->temp)
        unlink(t->temp);
    fd_closep(&t->fd);
    free(t->temp);
    free(t->path);
    *t = TEMP_FILE_NONE;
}
