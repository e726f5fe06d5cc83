/*
 * The serial console of a clone: what it has said so far, and a line to it.
 *
 * QEMU writes everything into the log, whether somebody is connected or not, and listens at a
 * socket for one who wants to talk.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapters/lv_clone.h"
#include "base/file.h"
#include "base/mem.h"

char *lv_console(struct clone *clone, size_t max, size_t *ret_len)
{
    struct lv_clone *c = (struct lv_clone *)clone;
    AUTO_FD fd = open(c->console, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    char *text = xcalloc(1, max + 1);
    off_t from = size > (off_t)max ? size - (off_t)max : 0;

    *ret_len = 0;
    while (fd >= 0 && *ret_len < max) {
        ssize_t n = pread(fd, text + *ret_len, max - *ret_len, from + (off_t)*ret_len);
        if (n <= 0)
            break;
        *ret_len += (size_t)n;
    }
    text[*ret_len] = '\0';
    return text;
}

int lv_console_check(const char *path, struct err **err)
{
    struct sockaddr_un a;

    if (strlen(path) < sizeof(a.sun_path))
        return 0;
    return err_set(err, ERR_INVALID, "the path '%s' is too long for a socket", path);
}

int lv_console_open(struct clone *clone, struct err **err)
{
    struct lv_clone *c = (struct lv_clone *)clone;
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (lv_console_check(c->line, err) < 0)
        return -1;
    memcpy(a.sun_path, c->line, strlen(c->line));
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
        return err_set_errno(err, errno, "cannot reach the console of '%s'", c->spec.label);
    int connected = fd;
    fd = -1;
    return connected;
}
