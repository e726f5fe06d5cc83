/* The relay between a terminal and a console, and the terminal's modes. */
#include "front/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/stop.h"
#include "unit/base.h"

enum { OURS, THEIRS };

/* Pipes in place of the terminal, a socket pair in place of the console. */
struct scene {
    struct terminal t;
    int keys, screen; /* the person's side */
    int console[2];   /* OURS is given to the relay */
    int done[2], stop[2];
};

static void make_pipe(int p[2])
{
    assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
}

static struct scene scene_open(void)
{
    struct scene s = { .t = TERMINAL_NONE };
    int in[2], out[2];

    make_pipe(in);
    make_pipe(out);
    make_pipe(s.done);
    make_pipe(s.stop);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s.console),
                     0);
    s.t.in = in[0];
    s.keys = in[1];
    s.t.out = out[1];
    s.screen = out[0];
    return s;
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

static void scene_close(struct scene *s)
{
    const int single[] = { s->t.in, s->t.out, s->keys, s->screen };

    close_all(single, ARRAY_LEN(single));
    close_all(s->console, 2);
    close_all(s->done, 2);
    close_all(s->stop, 2);
}
#define AUTO_SCENE __attribute__((cleanup(scene_close))) struct scene

static void say(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void expect_heard(int fd, const char *text)
{
    char buf[4096] = "";
    ssize_t n = read(fd, buf, sizeof(buf) - 1);

    assert_string_equal(n < 0 ? "" : buf, text);
}

static enum relay_end relay(struct scene *s)
{
    return terminal_relay(&s->t, s->console[OURS], s->done[0], s->stop[0]);
}

static void *relay_main(void *scene)
{
    static enum relay_end end;

    end = relay(scene);
    return &end;
}

static void keys_go_to_the_console_until_one_leaves(void **state)
{
    AUTO_SCENE s = scene_open();
    struct pollfd p = { .fd = s.console[THEIRS], .events = POLLIN };
    const enum relay_end *end = NULL;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, relay_main, &s), 0);
    say(s.keys, "ls\r\x03");
    int heard = poll(&p, 1, 60 * 1000);
    say(s.keys, "\x1d"
                "reboot\r");
    assert_int_equal(pthread_join(thread, (void **)&end), 0);
    assert_int_equal(heard, 1);
    assert_int_equal(*end, RELAY_LEFT);
    expect_heard(s.console[THEIRS], "ls\r\x03");
}

static void output_arrives_also_when_the_shell_has_ended(void **state)
{
    AUTO_SCENE s = scene_open();

    (void)state;
    say(s.console[THEIRS], "logout\r\n");
    close(s.done[1]);
    s.done[1] = -1;
    assert_int_equal(relay(&s), RELAY_DONE);
    expect_heard(s.screen, "logout\r\n");
}

static void a_console_that_hangs_up_is_the_end(void **state)
{
    AUTO_SCENE s = scene_open();

    (void)state;
    say(s.console[THEIRS], "panic");
    close(s.console[THEIRS]);
    s.console[THEIRS] = -1;
    assert_int_equal(relay(&s), RELAY_DONE);
    expect_heard(s.screen, "panic");
}

static void a_stop_is_the_end_whatever_goes_on(void **state)
{
    AUTO_SCENE s = scene_open();

    (void)state;
    say(s.console[THEIRS], "busy");
    say(s.keys, "\x1d");
    say(s.stop[1], "!");
    assert_int_equal(relay(&s), RELAY_STOPPED);
}

static void a_terminal_that_is_gone_is_left(void **state)
{
    AUTO_SCENE s = scene_open();

    (void)state;
    close(s.keys);
    s.keys = -1;
    assert_int_equal(relay(&s), RELAY_LEFT);
}

/* Neither a guest that takes no keys nor a terminal that shows nothing is in the way of Ctrl-]. */
static void the_key_to_leave_is_seen_when_nothing_moves(void **state)
{
    AUTO_SCENE s = scene_open();
    char flood[8192];
    int one = 1;

    (void)state;
    memset(flood, 'x', sizeof(flood));
    assert_int_equal(setsockopt(s.console[OURS], SOL_SOCKET, SO_SNDBUF, &one, sizeof(one)), 0);
    assert_true(fcntl(s.t.in, F_SETPIPE_SZ, 1 << 17) > 0);
    for (int i = 0; i < 12; i++)
        assert_int_equal(write(s.keys, flood, sizeof(flood)), sizeof(flood));
    say(s.keys, "\x1d");
    while (write(s.t.out, flood, sizeof(flood)) > 0)
        continue;
    while (write(s.console[THEIRS], flood, sizeof(flood)) > 0)
        continue;
    assert_int_equal(relay(&s), RELAY_LEFT);
}

/* --- the modes ------------------------------------------------------------------------------ */

/* Runs with a terminal as standard input and output. */
static void modes_come_and_go(void **state)
{
    struct termios before, raw, after;
    struct winsize size = { .ws_row = 50, .ws_col = 132 };
    int master, slave, rows, columns;
    int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO);
    struct terminal t = TERMINAL_NONE;
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    tcgetattr(slave, &before);
    fflush(stdout);
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDOUT_FILENO);
    bool there = terminal_is_there();
    terminal_size(&rows, &columns);
    int rc = terminal_open(&t, &e);
    tcgetattr(slave, &raw);
    terminal_close(&t);
    terminal_close(&t); /* once more changes nothing */
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    tcgetattr(slave, &after);
    const int flags = fcntl(slave, F_GETFL), all[] = { master, slave, in, out };
    close_all(all, ARRAY_LEN(all));

    expect_ok(rc, &e);
    assert_true(there);
    assert_int_equal(rows, 50);
    assert_int_equal(columns, 132);
    assert_false(raw.c_lflag & (ICANON | ECHO | ISIG));
    assert_int_equal(after.c_lflag, before.c_lflag);
    assert_int_equal(after.c_iflag, before.c_iflag);
    assert_int_equal(after.c_oflag, before.c_oflag);
    assert_false(flags & O_NONBLOCK); /* which others would see */
}

static void what_is_no_terminal_is_an_error(void **state)
{
    struct terminal t = TERMINAL_NONE;
    int in = dup(STDIN_FILENO), null = open("/dev/null", O_RDONLY | O_CLOEXEC), rows, columns;
    AUTO_ERR e = NULL;

    (void)state;
    dup2(null, STDIN_FILENO);
    bool there = terminal_is_there();
    int rc = terminal_open(&t, &e);
    dup2(in, STDIN_FILENO);
    close(in);
    close(null);
    assert_false(there);
    expect_err(rc, ERR_IO, "cannot read the terminal's modes", &e);
    terminal_size(&rows, &columns);
    assert_true(rows > 0 && columns > 0);
}

static void input_is_awaited_until_it_comes_or_a_stop(void **state)
{
    AUTO_STOP stop = stop_new();
    int in = dup(STDIN_FILENO), p[2];
    AUTO_ERR none = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    make_pipe(p);
    dup2(p[0], STDIN_FILENO);
    assert_int_equal(write(p[1], "x", 1), 1);
    int come = terminal_await(stop, &none);
    stop_raise(stop, 0);
    int stopped = terminal_await(stop, &e);
    dup2(in, STDIN_FILENO);
    close(in);
    close(p[0]);
    close(p[1]);
    expect_ok(come, &none);
    expect_err(stopped, ERR_CANCELLED, "interrupted", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_go_to_the_console_until_one_leaves),
        cmocka_unit_test(output_arrives_also_when_the_shell_has_ended),
        cmocka_unit_test(a_console_that_hangs_up_is_the_end),
        cmocka_unit_test(a_stop_is_the_end_whatever_goes_on),
        cmocka_unit_test(a_terminal_that_is_gone_is_left),
        cmocka_unit_test(the_key_to_leave_is_seen_when_nothing_moves),
        cmocka_unit_test(modes_come_and_go),
        cmocka_unit_test(what_is_no_terminal_is_an_error),
        cmocka_unit_test(input_is_awaited_until_it_comes_or_a_stop),
    };

    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
