/* qga_runner: both runners on this machine, with commands good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/qga_runner.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

static const char *const perl[] = { "/usr/bin/perl", "-e", qga_runner_perl, "--", NULL };
static const char *const sh[] = { "/bin/sh", "-c", qga_runner_sh, "patchlab", NULL };

struct scene {
    char *dir;
    const char *const *runner;
    const char *max, *ms, *user, *report, *most; /* as arguments */
    int code, late;
    long ms_taken, total, report_size;
    char *output; /* what came with the account */
    size_t len;
};

static int open_scene(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    AUTO_ERR err = NULL;

    *s = (struct scene){
        .runner = *state, .max = "1000", .ms = "20000", .user = "", .report = "", .most = "0"
    };
    s->dir = dir_temp("/tmp", "runner", &err);
    assert_non_null(s->dir);
    assert_int_equal(chmod(s->dir, 0755), 0);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *s = *state;
    AUTO_ERR err = NULL;

    assert_int_equal(dir_remove(s->dir, &err), 0);
    free(s->output);
    free(s->dir);
    free(s);
    return 0;
}

static void read_account(struct scene *s, const char *text, size_t len)
{
    int at = 0;

    assert_int_equal(sscanf(text, "%d %d %ld %ld %ld\n%n", &s->code, &s->late, &s->ms_taken,
                            &s->total, &s->report_size, &at),
                     5);
    const char *body = memchr(text, '\n', len);
    assert_non_null(body);
    s->len = len - (size_t)(body + 1 - text);
    free(s->output);
    s->output = xcalloc(1, s->len + 1);
    memcpy(s->output, body + 1, s->len);
}

/* Runs a shell script under the runner; what the runner printed is left in the scene. */
static void run(struct scene *s, const char *script)
{
    AUTO_FREE char *mark = xasprintf("%s/mark-x1", s->dir);
    AUTO_FREE char *groups = xasprintf("%s/none", s->dir);
    AUTO_STRV argv = { 0 };
    const char *const rest[] = { mark,   s->max,    "2000",  s->ms,     s->dir, s->user, "ROOM",
                                 groups, s->report, s->most, "/bin/sh", "-c",   script,  NULL };
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR err = NULL;

    for (const char *const *a = s->runner; *a; a++)
        strv_add(&argv, *a);
    for (const char *const *a = rest; *a; a++)
        strv_add(&argv, *a);
    struct proc_spec spec = { .argv = (const char *const *)argv.ptr,
                              .out_max = 100000,
                              .err_max = 1000,
                              .timeout_ms = 60000 };
    assert_int_equal(proc_run(&spec, &r, &err), 0);
    assert_int_equal(r.exit_code, 0);
    read_account(s, r.out.ptr, r.out.len);

    AUTO_FREE char *file = xasprintf("%s/result", mark);
    size_t len = 0;
    AUTO_FREE char *left = file_read(file, 100000, &len, &err);
    assert_non_null(left);
    assert_int_equal(len, r.out.len);
    assert_memory_equal(left, r.out.ptr, len);
}

static char *read_in(const struct scene *s, const char *name)
{
    AUTO_FREE char *file = path_join(s->dir, name);
    AUTO_ERR err = NULL;

    return file_read(file, 100000, NULL, &err);
}

static void output_and_status_are_the_commands(void **state)
{
    struct scene *s = *state;

    run(s, "echo out; echo err >&2; read -r x || echo 'no input'; exit 3");
    assert_int_equal(s->code, 3);
    assert_int_equal(s->late, 0);
    assert_string_equal(s->output, "out\nerr\nno input\n");
    assert_int_equal(s->total, s->len);
}

static void a_signal_is_128_and_its_number(void **state)
{
    struct scene *s = *state;

    run(s, "kill -TERM $$");
    assert_int_equal(s->code, 128 + 15);
}

static void the_command_has_its_place_and_environment(void **state)
{
    struct scene *s = *state;

    AUTO_FREE char *want = xasprintf("%s C.UTF-8 700 0\n", s->dir);
    run(s, "echo $PWD $LC_ALL $(stat -c %a \"$ROOM\") $(ls -A \"$ROOM\" | wc -l);"
           "echo \"$ROOM\" >room; mkdir -p \"$ROOM/a/b\"; : >\"$ROOM/a/b/c\"");
    assert_string_equal(s->output, want);
    AUTO_FREE char *room = read_in(s, "room");
    room[strcspn(room, "\n")] = '\0';
    assert_false(file_exists(room));
}

static void too_much_output_is_counted(void **state)
{
    struct scene *s = *state;

    run(s, "yes | head -c 5000000");
    assert_int_equal(s->code, 0);
    assert_int_equal(s->len, 1000);
    assert_int_equal(s->total, 5000000);
}

static void bytes_come_as_they_were(void **state)
{
    struct scene *s = *state;

    run(s, "printf 'a\\000\\377\\001\\r\\n\\nz'");
    assert_int_equal(s->len, 8);
    assert_memory_equal(s->output, "a\0\377\001\r\n\nz", 8);
}

static void what_is_not_inline_is_in_a_file(void **state)
{
    struct scene *s = *state;

    s->max = "10000";
    run(s, "yes 1234567 | head -c 8000; yes abc | head -c 8000");
    assert_int_equal(s->len, 2000);
    assert_int_equal(s->total, 16000);
    AUTO_FREE char *all = read_in(s, "mark-x1/output");
    assert_non_null(all);
    assert_int_equal(strlen(all), 10000);
    assert_memory_equal(all + 7992, "1234567\nabc\n", 12);
}

/* Those that ignore signals, left the session, or have another environment's mark too. */
static void all_is_killed_at_the_deadline(void **state)
{
    struct scene *s = *state;

    s->ms = "1000";
    run(s, "trap '' TERM; setsid sleep 300 & echo $! >pids; sleep 300 & echo $! >>pids;"
           "echo begun; while :; do sleep 300; done");
    assert_int_equal(s->late, 1);
    assert_string_equal(s->output, "begun\n");
    assert_in_range(s->ms_taken, 900, 15000);
    AUTO_FREE char *pids = read_in(s, "pids");
    for (char *at = pids; *at; at++) {
        long pid = strtol(at, &at, 10);
        AUTO_FREE char *file = xasprintf("/proc/%ld/environ", pid);
        AUTO_ERR err = NULL;
        AUTO_FREE char *left = file_read(file, 100000, NULL, &err);
        assert_true(!left || !*left); /* gone, or not buried yet */
    }
}

static void endless_output_is_ended(void **state)
{
    struct scene *s = *state;

    s->ms = "1000";
    run(s, "yes");
    assert_int_equal(s->late, 1);
    assert_int_equal(s->len, 1000);
    assert_true(s->total > 1000);
}

static void end_daemon(const struct scene *s)
{
    AUTO_FREE char *text = read_in(s, "daemon");
    long pid = text ? strtol(text, NULL, 10) : 0;

    assert_true(pid > 1);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0); /* it lives */
}

static void a_daemon_is_not_waited_for(void **state)
{
    struct scene *s = *state;

    run(s, "sleep 50 & echo $! >daemon");
    assert_int_equal(s->code, 0);
    assert_in_range(s->ms_taken, 0, 10000);
    end_daemon(s);
}

/* head(1) of the shell's runner would lose it with its buffer. */
static void beside_a_daemon_the_output_is_kept(void **state)
{
    struct scene *s = *state;

    run(s, "sleep 50 & echo $! >daemon; echo begun");
    assert_string_equal(s->output, "begun\n");
    end_daemon(s);
}

static void killing_its_own_group_does_not_reach_the_runner(void **state)
{
    struct scene *s = *state;

    run(s, "echo here; kill -KILL 0");
    assert_int_equal(s->code, 128 + 9);
    assert_string_equal(s->output, "here\n");
}

static void a_mark_is_good_for_one_start(void **state)
{
    struct scene *s = *state;

    AUTO_FREE char *mark = xasprintf("%s/mark-x1", s->dir);
    AUTO_STRV argv = { 0 };
    const char *const rest[] = { mark,    "10", "10", "9000",    "/",  "",        "",
                                 "/none", "",   "0",  "/bin/sh", "-c", "echo no", NULL };
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR err = NULL;

    run(s, "echo first");
    for (const char *const *a = s->runner; *a; a++)
        strv_add(&argv, *a);
    for (const char *const *a = rest; *a; a++)
        strv_add(&argv, *a);
    struct proc_spec spec = { .argv = (const char *const *)argv.ptr,
                              .out_max = 1000,
                              .timeout_ms = 60000 };
    assert_int_equal(proc_run(&spec, &r, &err), 0);
    assert_int_equal(r.out.len, 0);
}

static void another_user_is_that_user(void **state)
{
    struct scene *s = *state;

    if (geteuid() != 0)
        skip();
    s->user = "nobody";
    run(s,
        "id -un; id -ru; echo $HOME; : >\"$ROOM/mine\" && echo writes; touch /root/x || echo no");
    assert_non_null(strstr(s->output, "nobody\n65534\n/nonexistent\nwrites\n"));
    assert_int_equal(s->code, 0);
    assert_false(file_exists("/root/x"));
}

static void what_cannot_run_fails_and_says_why(void **state)
{
    struct scene *s = *state;

    s->user = "no such user";
    run(s, "echo no");
    assert_int_equal(s->code, 126);
    assert_non_null(strstr(s->output, "no such user"));
}

static void a_report_is_kept(void **state)
{
    struct scene *s = *state;

    s->report = "out/report.xml";
    s->most = "10";
    run(s, "mkdir \"$ROOM/out\"; printf 'a\\000\\377 more than ten' >\"$ROOM/out/report.xml\"");
    assert_int_equal(s->report_size, 17);
    AUTO_FREE char *file = path_join(s->dir, "mark-x1/report");
    AUTO_ERR err = NULL;
    size_t len = 0;
    AUTO_FREE char *kept = file_read(file, 1000, &len, &err);
    assert_non_null(kept);
    assert_int_equal(len, 10);
    assert_memory_equal(kept, "a\0\377 more t", 10);
}

/* What is not a file of its own is none: a link would have root read something else. */
static void what_is_no_file_is_no_report(void **state)
{
    static const char *const scripts[] = {
        ":",
        "ln -s /etc/passwd \"$ROOM/report\"",
        "mkfifo \"$ROOM/report\"",
        "mkdir \"$ROOM/report\"",
    };
    struct scene *s = *state;

    s->report = "report";
    s->most = "100000";
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        AUTO_FREE char *mark = path_join(s->dir, "mark-x1");
        AUTO_FREE char *file = path_join(mark, "report");
        AUTO_ERR err = NULL;

        run(s, scripts[i]);
        assert_int_equal(s->report_size, -1);
        assert_false(file_exists(file));
        assert_int_equal(dir_remove(mark, &err), 0);
    }
}

#define WITH(runner, test) \
    { \
#test "/" #runner, test, open_scene, close_scene, (void *)runner \
    }
#define BOTH(test) WITH(perl, test), WITH(sh, test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(output_and_status_are_the_commands),
        BOTH(a_signal_is_128_and_its_number),
        BOTH(the_command_has_its_place_and_environment),
        BOTH(too_much_output_is_counted),
        BOTH(bytes_come_as_they_were),
        BOTH(what_is_not_inline_is_in_a_file),
        BOTH(all_is_killed_at_the_deadline),
        BOTH(endless_output_is_ended),
        BOTH(a_daemon_is_not_waited_for),
        WITH(perl, beside_a_daemon_the_output_is_kept),
        BOTH(killing_its_own_group_does_not_reach_the_runner),
        BOTH(a_mark_is_good_for_one_start),
        BOTH(a_report_is_kept),
        BOTH(what_is_no_file_is_no_report),
        BOTH(another_user_is_that_user),
        WITH(perl, what_cannot_run_fails_and_says_why),
    };

    return cmocka_run_group_tests_name("qga-runner", tests, NULL, NULL);
}
