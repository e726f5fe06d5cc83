/* Terminal and console; see terminal.h. */
#include "front/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"

enum { ROWS = 24, COLUMNS = 80, KEY_LEAVE = 0x1d, LAST_WORDS_MS = 300 };

bool terminal_is_there(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int terminal_await(const struct stop *stop, struct err **err)
{
    struct pollfd p[] = {
        { .fd = STDIN_FILENO, .events = POLLIN },
        { .fd = stop_fd(stop), .events = POLLIN },
    };

    while (!p[0].revents) {
        poll(p, ARRAY_LEN(p), -1);
        if (stop_check(stop, err) < 0)
            return -1;
    }
    return 0;
}

void terminal_size(int *ret_rows, int *ret_columns)
{
    struct winsize w;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0;

    *ret_rows = known ? w.ws_row : ROWS;
    *ret_columns = known ? w.ws_col : COLUMNS;
}

/* O_NONBLOCK belongs to the open file, which the caller of this program shares with us: hence
 * files of our own. */
static int open_anew(int fd, int flags, struct err **err)
{
    AUTO_FREE char *path = xasprintf("/proc/self/fd/%d", fd);
    int own = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    return own < 0 ? err_set_errno(err, errno, "cannot open the terminal") : own;
}

int terminal_open(struct terminal *t, struct err **err)
{
    struct terminal own = TERMINAL_NONE;

    if (tcgetattr(STDIN_FILENO, &own.before) != 0)
        return err_set_errno(err, errno, "cannot read the terminal's modes");
    own.in = open_anew(STDIN_FILENO, O_RDONLY, err);
    if (own.in < 0)
        return -1;
    own.out = open_anew(STDOUT_FILENO, O_WRONLY, err);
    if (own.out < 0) {
        fd_closep(&own.in);
        return -1;
    }
    struct termios raw = own.before;
    cfmakeraw(&raw);
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0) {
        err_set_errno(err, errno, "cannot change the terminal's modes");
        fd_closep(&own.in);
        fd_closep(&own.out);
        return -1;
    }
    *t = own;
    return 0;
}

void terminal_close(struct terminal *t)
{
    /* What the guest may have switched: colours, pasting in brackets, the mouse; the cursor. */
    static const char plain[] = "\x1b[0m\x1b[?2004l\x1b[?1000l\x1b[?25h";

    if (t->in < 0)
        return;
    ssize_t n = write(t->out, plain, sizeof(plain) - 1);
    (void)n;
    tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    fd_closep(&t->in);
    fd_closep(&t->out);
    t->in = t->out = -1;
}

/* --- the relay ------------------------------------------------------------------------------ */

/* On its way from one side to the other. */
struct flow {
    char bytes[16 << 10];
    size_t len;
};

static size_t room(const struct flow *f)
{
    return sizeof(f->bytes) - f->len;
}

static void drop_head(struct flow *f, size_t n)
{
    memmove(f->bytes, f->bytes + n, f->len - n);
    f->len -= n;
}

/* False: the other side is gone. */
static bool send_some(struct flow *f, int to)
{
    ssize_t n = write(to, f->bytes, f->len);

    if (n > 0)
        drop_head(f, (size_t)n);
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Keys that the guest does not take are lost at some point, so that Ctrl-] is seen all the same.
 * False: leave. */
static bool take_keys(struct flow *f, int in)
{
    char keys[1024];
    ssize_t n = read(in, keys, sizeof(keys));

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    const char *leave = memchr(keys, KEY_LEAVE, (size_t)n);
    size_t count = leave ? (size_t)(leave - keys) : (size_t)n;
    if (count > room(f))
        count = room(f);
    memcpy(f->bytes + f->len, keys, count);
    f->len += count;
    return n > 0 && !leave;
}

/* False: the console has hung up. */
static bool take_output(struct flow *f, int console)
{
    ssize_t n = recv(console, f->bytes + f->len, room(f), MSG_DONTWAIT);

    if (n > 0)
        f->len += (size_t)n;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

enum { TERMINAL_IN, TERMINAL_OUT, CONSOLE, DONE, STOP, FDS };

static void want(const struct terminal *t, int console, int done, int stop, const struct flow *keys,
                 const struct flow *output, struct pollfd p[FDS])
{
    p[TERMINAL_IN] = (struct pollfd){ .fd = t->in, .events = POLLIN };
    p[TERMINAL_OUT] = (struct pollfd){ .fd = output->len ? t->out : -1, .events = POLLOUT };
    p[CONSOLE] = (struct pollfd){ .fd = console };
    p[CONSOLE].events = (short)((room(output) ? POLLIN : 0) | (keys->len ? POLLOUT : 0));
    p[DONE] = (struct pollfd){ .fd = done, .events = POLLIN };
    p[STOP] = (struct pollfd){ .fd = stop, .events = POLLIN };
}

/* What stood in the console's way out when the shell ended; bounded in time. */
static void last_words(const struct terminal *t, int console, struct flow *output)
{
    for (;;) {
        struct pollfd p = { .fd = output->len ? t->out : console };

        p.events = output->len ? POLLOUT : POLLIN;
        if (poll(&p, 1, LAST_WORDS_MS) <= 0
            || !(output->len ? send_some(output, t->out) : take_output(output, console)))
            return;
    }
}

enum relay_end terminal_relay(const struct terminal *t, int console, int done, int stop)
{
    struct flow keys = { .len = 0 }, output = { .len = 0 };
    struct pollfd p[FDS];

    fcntl(console, F_SETFL, O_NONBLOCK);
    for (;;) {
        want(t, console, done, stop, &keys, &output, p);
        if (poll(p, FDS, -1) < 0)
            continue;
        if (p[STOP].revents)
            return RELAY_STOPPED;
        if ((p[TERMINAL_IN].revents && !take_keys(&keys, t->in))
            || (p[TERMINAL_OUT].revents && !send_some(&output, t->out)))
            return RELAY_LEFT;
        bool alive = !(p[CONSOLE].revents & ~POLLOUT) || take_output(&output, console);
        if (alive && (p[CONSOLE].revents & POLLOUT))
            alive = send_some(&keys, console);
        if (!alive || p[DONE].revents) {
            last_words(t, console, &output);
            return RELAY_DONE;
        }
    }
}
