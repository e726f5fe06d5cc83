/* proc_pump - the poll() loop around a child; see proc_pump.h. */
#include "base/proc_pump.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/proc_child.h"
#include "base/stop.h"

enum {
    LINE_MAX_BYTES = 4096,
    CHUNK = 64 * 1024,   /* what a pipe holds */
    LINGER_MS = 1000,    /* for outputs that outlive the child */
    SLICE_MS = 20,       /* between looks at the child, where there is no pidfd */
    WAIT_MAX_MS = 60000, /* poll() takes an int; the loop goes on until the deadline */
};

void pump_init(struct pump *p, const struct proc_spec *spec, struct child *c)
{
    *p = (struct pump){
        .spec = spec,
        .child = c,
        .out = STR_INIT(spec->out_max),
        .err = STR_INIT(spec->err_max),
        .line = STR_INIT(LINE_MAX_BYTES),
    };
}

void pump_release(struct pump *p)
{
    str_release(&p->out);
    str_release(&p->err);
    str_release(&p->line);
}

static void end_line(struct pump *p)
{
    p->spec->on_line(p->spec->arg, p->line.ptr);
    str_clear(&p->line);
}

/* A carriage return ends a line, too: progress displays write over theirs.  "\r\n" is one end. */
static void split_lines(struct pump *p, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool second_half = text[i] == '\n' && p->after_return;

        p->after_return = text[i] == '\r';
        if (second_half)
            continue;
        if (text[i] == '\n' || text[i] == '\r')
            end_line(p);
        else
            str_add_mem(&p->line, text + i, 1);
    }
}

/* At most one chunk, so that one loud output does not starve the rest; true while more may come. */
static bool read_chunk(int fd, char *buf, ssize_t *ret)
{
    *ret = read(fd, buf, CHUNK);
    return *ret > 0 || (*ret < 0 && (errno == EAGAIN || errno == EINTR));
}

static void read_out(struct pump *p, char *buf)
{
    ssize_t n;
    bool more = read_chunk(p->child->out, buf, &n);

    if (n > 0)
        str_add_mem(&p->out, buf, (size_t)n);
    if (n > 0 && p->spec->on_line)
        split_lines(p, buf, (size_t)n);
    if (more)
        return;
    if (p->line.len > 0)
        end_line(p); /* the last one, without a newline */
    fd_closep(&p->child->out);
}

static void read_err(struct pump *p, char *buf)
{
    ssize_t n;
    bool more = read_chunk(p->child->err, buf, &n);

    if (n > 0)
        str_add_mem(&p->err, buf, (size_t)n);
    if (!more)
        fd_closep(&p->child->err);
}

/* poll() passes over descriptors that are -1. */
static void wait_and_read(struct pump *p, char *buf, int64_t ms, bool exited,
                          const struct stop *stop)
{
    struct pollfd fds[] = {
        { .fd = p->child->out, .events = POLLIN },
        { .fd = p->child->err, .events = POLLIN },
        { .fd = exited ? -1 : p->child->pidfd, .events = POLLIN },
        { .fd = stop_fd(stop), .events = POLLIN },
    };

    if (p->child->pidfd < 0 && ms > SLICE_MS)
        ms = SLICE_MS;
    if (poll(fds, ARRAY_LEN(fds), ms < WAIT_MAX_MS ? (int)ms : WAIT_MAX_MS) <= 0)
        return;
    if (fds[0].revents)
        read_out(p, buf);
    if (fds[1].revents)
        read_err(p, buf);
}

enum pump_end pump_run(struct pump *p, int64_t deadline_ms, const struct stop *stop)
{
    AUTO_FREE char *buf = xreallocarray(NULL, CHUNK, 1);
    bool exited = false;

    for (;;) {
        if (!exited && child_has_exited(p->child)) {
            int64_t linger = clock_deadline(LINGER_MS);
            exited = true;
            deadline_ms = linger < deadline_ms ? linger : deadline_ms;
        }
        if (exited && p->child->out < 0 && p->child->err < 0)
            return PUMP_EXITED;
        if (!exited && stop_raised(stop))
            return PUMP_STOPPED;
        int64_t left = clock_left_ms(deadline_ms);
        if (left == 0)
            return exited ? PUMP_EXITED : PUMP_DEADLINE;
        wait_and_read(p, buf, left, exited, exited ? NULL : stop);
    }
}
