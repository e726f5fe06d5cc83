/* http_part - the file that a download collects in; see http_part.h. */
#include "adapters/http_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { TAG_MAX = 1024 };

int http_part_open(struct http_part *p, const char *to, struct err **err)
{
    AUTO_ERR ignored = NULL;
    struct stat st;

    p->to = to;
    p->path = xasprintf("%s.part", to);
    p->tag_path = xasprintf("%s.part-tag", to);
    p->fd = open(p->path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (p->fd < 0 || fstat(p->fd, &st) < 0)
        return err_set_errno(err, errno, "cannot create '%s'", p->path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is no regular file", p->path);
    p->size = st.st_size;
    p->tag = file_read(p->tag_path, TAG_MAX, NULL, &ignored);
    if (lseek(p->fd, 0, SEEK_END) < 0)
        return err_set_errno(err, errno, "cannot write '%s'", p->path);
    return 0;
}

/* The tag goes first: bytes must never stand beside another's. */
int http_part_restart(struct http_part *p, const char *tag, struct err **err)
{
    free(TAKE(p->tag));
    unlink(p->tag_path);
    if (ftruncate(p->fd, 0) < 0 || lseek(p->fd, 0, SEEK_SET) < 0)
        return err_set_errno(err, errno, "cannot write '%s'", p->path);
    p->size = 0;
    if (!tag || strlen(tag) > TAG_MAX)
        return 0;
    p->tag = xstrdup(tag);
    return file_write(p->tag_path, tag, strlen(tag), 0600, err);
}

int http_part_write(struct http_part *p, const void *data, size_t len, struct err **err)
{
    const char *from = data;

    while (len > 0) {
        ssize_t n = write(p->fd, from, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot write '%s'", p->path);
        from += n;
        len -= (size_t)n;
        p->size += n;
    }
    return 0;
}

int http_part_commit(struct http_part *p, struct err **err)
{
    AUTO_FREE char *dir = path_dir(p->to);

    if (fsync(p->fd) != 0)
        return err_set_errno(err, errno, "cannot write '%s' to disk", p->path);
    if (rename(p->path, p->to) != 0)
        return err_set_errno(err, errno, "cannot rename '%s' to '%s'", p->path, p->to);
    unlink(p->tag_path);
    return dir_sync(dir, err);
}

void http_part_drop(struct http_part *p)
{
    unlink(p->path);
    unlink(p->tag_path);
}

void http_part_release(struct http_part *p)
{
    /* After a commit there is another file, or none, under this name. */
    if (p->fd >= 0 && p->size == 0 && p->path)
        http_part_drop(p);
    fd_closep(&p->fd);
    free(p->path);
    free(p->tag_path);
    free(p->tag);
    *p = (struct http_part)HTTP_PART_NONE;
}
