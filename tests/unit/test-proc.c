/* proc: children that behave, fail, flood, linger, resist, and must die with us. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "base/clock.h"
#include "base/proc.h"
#include "base/stop.h"

enum { LONG_MS = 60000 };

static struct proc_spec shell(const char *const *argv)
{
    return (struct proc_spec){
        .argv = argv, .out_max = 1 << 20, .err_max = 1 << 20, .timeout_ms = LONG_MS
    };
}
#define SHELL(script) shell((const char *const[]){ "sh", "-c", (script), NULL })

static void outputs_and_status(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec s = SHELL("echo out; echo err >&2; exit 3");

    (void)state;
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_int_equal(r.exit_code, 3);
    assert_string_equal(r.out.ptr, "out\n");
    assert_string_equal(r.err.ptr, "err\n");
    expect_ok(proc_run(&s, NULL, &e), &e);
}

static void a_signal_is_128_and_more(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec s = SHELL("kill -9 $$");

    (void)state;
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_int_equal(r.exit_code, 128 + SIGKILL);
}

static void the_input_arrives(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    AUTO_PROC_RESULT none = { 0 };
    struct proc_spec s = SHELL("wc -c");

    (void)state;
    expect_ok(proc_run(&s, &none, &e), &e);
    assert_string_equal(none.out.ptr, "0\n");
    AUTO_FREE char *data = xcalloc(3000000, 1);
    s.input = data;
    s.input_len = 3000000;
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_string_equal(r.out.ptr, "3000000\n");
}

static void an_input_that_nobody_reads(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    AUTO_FREE char *data = xcalloc(3000000, 1);
    struct proc_spec s = SHELL("exec <&-; echo done");

    (void)state;
    s.input = data;
    s.input_len = 3000000;
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_string_equal(r.out.ptr, "done\n");
}

static void a_missing_program(void **state)
{
    AUTO_ERR e = NULL;
    struct proc_spec s = shell((const char *const[]){ "patchlab-no-such-program", NULL });

    (void)state;
    assert_int_equal(proc_run(&s, NULL, &e), -1);
    assert_non_null(strstr(e->hint, "patchlab-no-such-program"));
    expect_err(-1, ERR_NOT_FOUND, "program 'patchlab-no-such-program' is not installed", &e);
    s.argv = (const char *const[]){ "/no/such/program", NULL };
    expect_err(proc_run(&s, NULL, &e), ERR_NOT_FOUND, "'/no/such/program' is not installed", &e);
    s.argv = (const char *const[]){ "/etc/passwd", NULL };
    expect_err(proc_run(&s, NULL, &e), ERR_NOT_FOUND, "'/etc/passwd' is not installed", &e);
    s.argv = (const char *const[]){ "", NULL };
    expect_err(proc_run(&s, NULL, &e), ERR_NOT_FOUND, "'' is not installed", &e);
}

static void a_file_that_is_no_program(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = path_join(*state, "empty");
    struct proc_spec s = shell((const char *const[]){ path, NULL });

    expect_ok(file_write(path,
                         "\x7f"
                         "ELF",
                         4, 0755, &e),
              &e);
    expect_err(proc_run(&s, NULL, &e), ERR_IO, "cannot run '", &e);
}

static void the_working_directory(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    AUTO_FREE char *none = path_join(*state, "none");
    struct proc_spec s = SHELL("pwd");

    s.cwd = *state;
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_true(str_starts(r.out.ptr, *state));
    s.cwd = none;
    expect_err(proc_run(&s, NULL, &e), ERR_NOT_FOUND, "cannot change to directory '", &e);
}

static void the_environment_is_clean(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec s = shell((const char *const[]){ "env", NULL });

    (void)state;
    setenv("SECRET", "x", 1);
    s.env = (const char *const[]){ "EXTRA=1", "HOME=/elsewhere", NULL };
    expect_ok(proc_run(&s, &r, &e), &e);
    unsetenv("SECRET");
    assert_null(strstr(r.out.ptr, "SECRET"));
    assert_non_null(strstr(r.out.ptr, "EXTRA=1\n"));
    assert_non_null(strstr(r.out.ptr, "LC_ALL=C.UTF-8\n"));
    assert_non_null(strstr(r.out.ptr, "PATH="));
    assert_non_null(strstr(r.out.ptr, "HOME=/elsewhere\n"));
    char *first = strstr(r.out.ptr, "HOME=");
    assert_null(strstr(first + 1, "HOME="));
}

static void descriptors_are_closed(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    int leaky = open("/dev/null", O_RDONLY); /* on purpose without O_CLOEXEC */
    struct proc_spec s = SHELL("ls /proc/self/fd | wc -l");

    (void)state;
    assert_true(leaky > 2);
    expect_ok(proc_run(&s, &r, &e), &e);
    close(leaky);
    assert_string_equal(r.out.ptr, "4\n"); /* 0, 1, 2 and the directory that ls reads */
}

static void signals_are_reset(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    /* Signals 32 and 33 are the C library's own: it lets nobody reset them. */
    struct proc_spec s = SHELL("awk '/^SigBlk/ { print $2 } /^SigIgn/ { print substr($2, 1, 7),"
                               " substr($2, 10) }' /proc/self/status");
    sigset_t usr1;

    (void)state;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    signal(SIGPIPE, SIG_IGN);
    expect_ok(proc_run(&s, &r, &e), &e);
    sigprocmask(SIG_UNBLOCK, &usr1, NULL);
    signal(SIGPIPE, SIG_DFL);
    assert_string_equal(r.out.ptr, "0000000000000000\n0000000 0000000\n");
}

static void it_works_with_closed_standard_streams(void **state)
{
    int status;

    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        struct err *e = NULL;
        struct proc_result r = { 0 };
        struct proc_spec s = SHELL("cat; echo b >&2");
        s.input = "a";
        s.input_len = 1;
        close(0);
        close(1);
        close(2);
        bool ok = proc_run(&s, &r, &e) == 0 && strcmp(r.out.ptr, "a") == 0
                  && strcmp(r.err.ptr, "b\n") == 0;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void exact_limits(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec s = SHELL("printf 12345; printf 123456 >&2");

    (void)state;
    s.out_max = 5;
    s.err_max = 5;
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_string_equal(r.out.ptr, "12345");
    assert_false(r.out.truncated);
    assert_string_equal(r.err.ptr, "12345");
    assert_true(r.err.truncated);
}

static long peak_kib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void a_flood_is_read_and_dropped(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec s = SHELL("head -c 104857600 /dev/zero | tee /dev/stderr; exit 5");

    (void)state;
    s.out_max = 1000;
    s.err_max = 10;
    long before = peak_kib();
    expect_ok(proc_run(&s, &r, &e), &e);
    assert_int_equal(r.exit_code, 5);
    assert_int_equal(r.out.len, 1000);
    assert_int_equal(r.err.len, 10);
    assert_true(r.out.truncated);
    assert_true(peak_kib() - before < 8192);
}

struct lines {
    struct strv seen;
    int64_t first_at;
};

static void keep_line(void *arg, const char *line)
{
    struct lines *l = arg;

    if (l->seen.len == 0)
        l->first_at = clock_mono_ms();
    strv_add(&l->seen, line);
}

static void lines_come_as_they_are_written(void **state)
{
    AUTO_ERR e = NULL;
    struct lines l = { 0 };
    struct proc_spec s = SHELL("echo one; sleep 0.3; printf 'tw'; printf 'o\n\nlast'");

    (void)state;
    s.on_line = keep_line;
    s.arg = &l;
    expect_ok(proc_run(&s, NULL, &e), &e);
    assert_true(clock_mono_ms() - l.first_at >= 250);
    AUTO_FREE char *all = strv_join(&l.seen, "|");
    strv_release(&l.seen);
    assert_string_equal(all, "one|two||last");
}

static void long_lines_are_cut(void **state)
{
    AUTO_ERR e = NULL;
    struct lines l = { 0 };
    struct proc_spec s = SHELL("head -c 300000 /dev/zero | tr '\\0' x; echo; echo y");

    (void)state;
    s.on_line = keep_line;
    s.arg = &l;
    s.out_max = 0;
    expect_ok(proc_run(&s, NULL, &e), &e);
    assert_int_equal(l.seen.len, 2);
    assert_int_equal(strlen(l.seen.ptr[0]), 4096);
    assert_string_equal(l.seen.ptr[1], "y");
    strv_release(&l.seen);
}

/* The script has written a process number there; whether that process still runs. */
static bool is_alive(const char *file)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *text = file_read(file, 100, NULL, &e);

    expect_ok(text ? 0 : -1, &e);
    long pid = strtol(text, NULL, 10);
    assert_true(pid > 1);
    /* A killed orphan stays a zombie until init reaps it. */
    AUTO_FREE char *stat = xasprintf("/proc/%ld/stat", pid);
    for (int i = 0; i < 100; i++) {
        AUTO_ERR gone = NULL;
        AUTO_FREE char *line = file_read(stat, 4096, NULL, &gone);
        if (!line || strstr(line, ") Z") || strstr(line, ") X"))
            return false;
        clock_sleep_ms(20);
    }
    return true;
}

static void expect_timeout(const char *script, const char *pidfile, int64_t within_ms)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec s = shell((const char *const[]){ "sh", "-c", script, "sh", pidfile, NULL });
    int64_t before = clock_mono_ms();

    s.timeout_ms = 500;
    expect_err(proc_run(&s, &r, &e), ERR_TIMEOUT, "'sh' did not finish in 0.5 s", &e);
    assert_true(clock_mono_ms() - before >= 500);
    assert_true(clock_mono_ms() - before < within_ms);
    assert_null(r.out.ptr);
    assert_false(is_alive(pidfile));
}

static void a_timeout_kills_grandchildren(void **state)
{
    AUTO_FREE char *pidfile = path_join(*state, "pid");

    expect_timeout("sleep 300 & echo $! > $1; wait", pidfile, 2000);
}

static void a_timeout_kills_what_ignores_term(void **state)
{
    AUTO_FREE char *pidfile = path_join(*state, "pid");

    expect_timeout("trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > $1; while :; do sleep 1; done' "
                   "sh $1 & sleep 300; sleep 300",
                   pidfile, 6000);
}

static void a_timeout_kills_the_stopped(void **state)
{
    AUTO_FREE char *pidfile = path_join(*state, "pid");

    expect_timeout("echo $$ > $1; kill -STOP $$; sleep 300", pidfile, 6000);
}

static void a_timeout_ends_a_flood(void **state)
{
    AUTO_FREE char *pidfile = path_join(*state, "pid");

    expect_timeout("echo $$ > $1; exec cat /dev/zero", pidfile, 4000);
}

static void what_lingers_is_killed(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    AUTO_FREE char *pidfile = path_join(*state, "pid");
    struct proc_spec s = shell((const char *const[]){
        "sh", "-c", "sleep 300 & echo $! > $1; echo done", "sh", pidfile, NULL });
    int64_t before = clock_mono_ms();

    expect_ok(proc_run(&s, &r, &e), &e);
    assert_int_equal(r.exit_code, 0);
    assert_string_equal(r.out.ptr, "done\n");
    assert_true(clock_mono_ms() - before < 10000);
    assert_false(is_alive(pidfile));
}

static void a_raised_stop_prevents_the_start(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_STOP stop = stop_new();
    AUTO_FREE char *path = path_join(*state, "made");
    struct proc_spec s = shell((const char *const[]){ "touch", path, NULL });

    stop_raise(stop, 0);
    s.stop = stop;
    expect_err(proc_run(&s, NULL, &e), ERR_CANCELLED, "interrupted", &e);
    assert_false(file_exists(path));
}

static void *raise_soon(void *arg)
{
    clock_sleep_ms(100);
    stop_raise(arg, SIGINT);
    return NULL;
}

static void a_stop_interrupts(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_STOP stop = stop_new();
    pthread_t thread;
    struct proc_spec s = SHELL("sleep 300");
    int64_t before = clock_mono_ms();

    (void)state;
    s.stop = stop;
    assert_int_equal(pthread_create(&thread, NULL, raise_soon, stop), 0);
    expect_err(proc_run(&s, NULL, &e), ERR_CANCELLED, "'sh' was interrupted", &e);
    pthread_join(thread, NULL);
    assert_true(clock_mono_ms() - before < 10000);
}

static void run_ok_tells_the_last_line(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_PROC_RESULT r = { 0 };
    struct proc_spec bad = SHELL("echo first >&2; printf '\\033[31mno space\\n\\n' >&2; exit 7");
    struct proc_spec silent = SHELL("exit 1");
    struct proc_spec good = SHELL("echo fine");

    (void)state;
    expect_err(proc_run_ok(&bad, &r, &e), ERR_IO, "'sh' failed with status 7: \\x1b[31mno space",
               &e);
    assert_int_equal(proc_run_ok(&silent, NULL, &e), -1);
    assert_string_equal(e->msg, "'sh' failed with status 1");
    err_clear(&e);
    expect_ok(proc_run_ok(&good, &r, &e), &e);
    assert_string_equal(r.out.ptr, "fine\n");
    expect_ok(proc_run_ok(&good, NULL, &e), &e);
}

static void programs_are_found(void **state)
{
    AUTO_FREE char *sh = proc_find("sh");
    AUTO_FREE char *none = proc_find("patchlab-no-such-program");
    AUTO_FREE char *path = proc_find("/bin/sh");
    AUTO_FREE char *old = xstrdup(getenv("PATH"));

    (void)state;
    assert_int_equal(sh[0], '/');
    assert_true(str_ends(sh, "/sh"));
    assert_null(none);
    assert_string_equal(path, "/bin/sh");
    setenv("PATH", "/nowhere", 1);
    AUTO_FREE char *ldconfig = proc_find("ldconfig"); /* lives in sbin */
    setenv("PATH", ".:bin::", 1);
    AUTO_FREE char *relative = proc_find("test-proc");
    setenv("PATH", old, 1);
    assert_non_null(ldconfig);
    assert_null(relative);
}

static void run_sleeper(const char *pidfile)
{
    struct err *e = NULL;
    struct proc_spec s = shell(
        (const char *const[]){ "sh", "-c", "echo $$ > $1; exec sleep 300", "sh", pidfile, NULL });

    proc_run(&s, NULL, &e);
    _exit(1);
}

static void a_child_dies_with_us(void **state)
{
    AUTO_FREE char *pidfile = path_join(*state, "pid");
    pid_t pid = fork();

    if (pid == 0)
        run_sleeper(pidfile);
    AUTO_FREE char *text = NULL;
    for (int i = 0; i < 500 && !(text && *text); i++) {
        AUTO_ERR e = NULL;
        clock_sleep_ms(20);
        free(text);
        text = file_read(pidfile, 100, NULL, &e);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_false(is_alive(pidfile));
}

static void *run_many(void *arg)
{
    intptr_t bad = 0;

    (void)arg;
    for (int i = 0; i < 20; i++) {
        AUTO_ERR e = NULL;
        AUTO_PROC_RESULT r = { 0 };
        AUTO_FREE char *word = xasprintf("%d", i);
        struct proc_spec s = shell((const char *const[]){ "echo", "-n", word, NULL });
        bad += proc_run(&s, &r, &e) != 0 || strcmp(r.out.ptr, word) != 0;
    }
    return (void *)bad;
}

static void threads_do_not_disturb_each_other(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *bad;
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
}

static void an_ignored_sigchld_is_told(void **state)
{
    AUTO_ERR e = NULL;
    struct proc_spec s = SHELL("exit 1");

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    int rc = proc_run(&s, NULL, &e);
    signal(SIGCHLD, SIG_DFL);
    expect_err(rc, ERR_IO, "the exit status of 'sh' is lost", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_and_status),
        cmocka_unit_test(a_signal_is_128_and_more),
        cmocka_unit_test(the_input_arrives),
        cmocka_unit_test(an_input_that_nobody_reads),
        cmocka_unit_test(a_missing_program),
        scratch_test(a_file_that_is_no_program),
        scratch_test(the_working_directory),
        cmocka_unit_test(the_environment_is_clean),
        cmocka_unit_test(descriptors_are_closed),
        cmocka_unit_test(signals_are_reset),
        cmocka_unit_test(it_works_with_closed_standard_streams),
        cmocka_unit_test(exact_limits),
        cmocka_unit_test(a_flood_is_read_and_dropped),
        cmocka_unit_test(lines_come_as_they_are_written),
        cmocka_unit_test(long_lines_are_cut),
        scratch_test(a_timeout_kills_grandchildren),
        scratch_test(a_timeout_kills_what_ignores_term),
        scratch_test(a_timeout_kills_the_stopped),
        scratch_test(a_timeout_ends_a_flood),
        scratch_test(what_lingers_is_killed),
        scratch_test(a_raised_stop_prevents_the_start),
        cmocka_unit_test(a_stop_interrupts),
        cmocka_unit_test(run_ok_tells_the_last_line),
        cmocka_unit_test(programs_are_found),
        scratch_test(a_child_dies_with_us),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(an_ignored_sigchld_is_told),
    };

    return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
