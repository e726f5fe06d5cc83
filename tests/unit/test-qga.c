/* qga: the guest behind a scripted agent: good answers, hostile answers, deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/qga.h"
#include "base/base64.h"
#include "base/err.h"
#include "base/mem.h"
#include "fakes/script_agent.h"

#define FORGOTTEN \
    { \
        "guest-exec-status", "{\"error\":{\"desc\":\"Invalid parameter 'pid'\"}}", 0 \
    }

static int run(struct script_agent *a, const struct agent_line *lines, struct guest_result *r,
               struct err **e)
{
    static const char *const argv[] = { "/bin/true", NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = 5000, .output_max = 1000 };
    struct guest *g = script_agent_open(a, lines);
    int rc = g->ops->exec(g, &x, r, e);

    script_agent_close(a, g);
    return rc;
}

static void a_command_is_accounted_for(void **state)
{
    AUTO_FREE char *done = script_agent_exited("3 0 2250 46\nhello\n");
    const struct agent_line lines[] = {
        SPAWNED,
        { "guest-exec-status", "{\"return\":{\"exited\":false}}", 0 },
        { "guest-exec-status", done, 0 },
        { 0 },
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_int_equal(r.exit_code, 3);
    assert_int_equal(r.duration_ms, 2250);
    assert_int_equal(r.output_total, 46);
    assert_string_equal(r.output.ptr, "hello\n");
    assert_false(r.timed_out);
    assert_string_equal(a.last, "perl");
}

static void a_command_past_its_deadline_is_told_as_such(void **state)
{
    AUTO_FREE char *done = script_agent_exited("137 1 5010 0\n");
    const struct agent_line lines[] = { SPAWNED, { "guest-exec-status", done, 0 }, { 0 } };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_true(r.timed_out);
}

static void a_runner_that_never_ends_loses_the_guest(void **state)
{
    struct agent_line lines[1000] = { SPAWNED };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    for (size_t i = 1; i < ARRAY_LEN(lines); i++)
        lines[i] = RUNNING;
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    assert_non_null(strstr(e->msg, "deadline"));
    assert_in_range(script_agent_now, 35000, 40000);
}

static void a_guest_without_perl_has_a_shell(void **state)
{
    AUTO_FREE char *done = script_agent_exited("0 0 10 0\n");
    const struct agent_line lines[] = {
        { "guest-exec",
          "{\"error\":{\"desc\":\"Failed to execute child process \\u201c/usr/bin/perl\\u201d "
          "(No such file or directory)\"}}",
          0 },
        SPAWNED,
        { "guest-exec-status", done, 0 },
        { 0 },
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_string_equal(a.last, "sh");
    assert_int_equal(a.spawned, 2);
}

/* A file that holds this, from the opening to the closing of it. */
#define FILE_OF(data) OPENED, { "guest-file-read", data, 0 }, READ_END, CLOSED

static void a_report_is_fetched(void **state)
{
    static const char *const argv[] = { "/bin/true", NULL };
    struct guest_exec x = {
        .argv = argv, .timeout_ms = 5000, .scratch = "TMP", .report = "r.tap", .report_max = 100
    };
    AUTO_FREE char *done = script_agent_exited("0 0 10 0 5\n");
    AUTO_FREE char *none = script_agent_exited("0 0 10 0 -1\n");
    AUTO_FREE char *bad = script_agent_exited("0 0 10 0 -2\n");
    AUTO_FREE char *b64 = base64_encode("ok 1\n", 5);
    AUTO_FREE char *data = xasprintf("{\"return\":{\"buf-b64\":\"%s\",\"count\":5}}", b64);
    const struct agent_line lines[] = {
        SPAWNED,
        { "guest-exec-status", done, 0 },
        FILE_OF(data),
        SPAWNED,
        { "guest-exec-status", none, 0 },
        SPAWNED,
        { "guest-exec-status", bad, 0 },
        { 0 },
    };
    struct script_agent a;
    struct guest *g = script_agent_open(&a, lines);
    AUTO_GUEST_RESULT r = { 0 }, without = { 0 }, garbled = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(g->ops->exec(g, &x, &r, &e), 0);
    assert_int_equal(r.report_total, 5);
    assert_string_equal(r.report.ptr, "ok 1\n");
    assert_int_equal(g->ops->exec(g, &x, &without, &e), 0);
    assert_int_equal(without.report_total, -1);
    assert_int_equal(without.report.len, 0);
    assert_int_equal(g->ops->exec(g, &x, &garbled, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    script_agent_close(&a, g);
}

static void a_restarted_agent_finds_the_account_in_a_file(void **state)
{
    AUTO_FREE char *b64 = base64_encode("0 0 7000 3\nhi\n", 14);
    AUTO_FREE char *data = xasprintf("{\"return\":{\"buf-b64\":\"%s\",\"count\":14}}", b64);
    const struct agent_line lines[] = {
        SPAWNED,
        RUNNING,
        { "guest-exec-status", NULL, ERR_TIMEOUT }, /* not connected */
        { "guest-exec-status", NULL, ERR_TIMEOUT },
        FORGOTTEN,
        ABSENT,
        OPENED,
        READ("QQ=="),
        CLOSED, /* the runner is alive */
        FILE_OF(data),
        { 0 },
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_false(r.timed_out);
    assert_int_equal(r.exit_code, 0);
    assert_int_equal(r.duration_ms, 7000);
    assert_string_equal(r.output.ptr, "hi\n");
    assert_int_equal(a.spawned, 1);
}

static void a_runner_that_left_no_account_is_an_error(void **state)
{
    const struct agent_line lines[] = { SPAWNED, FORGOTTEN, ABSENT, ABSENT, ABSENT, { 0 } };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    assert_null(lines[a.next].name);
}

/* The first start may have got through: the second says nothing, and the file has it all. */
static void a_start_that_nobody_answered_is_tried_again(void **state)
{
    AUTO_FREE char *nothing = script_agent_exited("");
    AUTO_FREE char *b64 = base64_encode("4 0 70 0\n", 9);
    AUTO_FREE char *data = xasprintf("{\"return\":{\"buf-b64\":\"%s\",\"count\":9}}", b64);
    const struct agent_line lines[] = {
        { "guest-exec", NULL, ERR_TIMEOUT },
        { "guest-ping", NULL, ERR_TIMEOUT },
        PONG,
        SPAWNED,
        { "guest-exec-status", nothing, 0 },
        FILE_OF(data),
        { 0 },
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_int_equal(r.exit_code, 4);
}

static void an_agent_that_stays_away_is_a_lost_guest(void **state)
{
    struct agent_line lines[100] = { SPAWNED, RUNNING };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    for (size_t i = 2; i < ARRAY_LEN(lines); i++)
        lines[i] = (struct agent_line){ "guest-exec-status", NULL, ERR_TIMEOUT };
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    assert_in_range(script_agent_now, 30000, 50000);
}

static void hostile_replies_are_errors(void **state)
{
    AUTO_FREE char *garbled = script_agent_exited("three 0 2 0\nx");
    AUTO_FREE char *negative = script_agent_exited("0 0 -2 1\nx");
    AUTO_FREE char *more = script_agent_exited("0 0 2 1 and more\nx");
    AUTO_FREE char *fewer = script_agent_exited("0 0 2 0\nx");
    AUTO_FREE char *code = script_agent_exited("256 0 2 1\nx");
    AUTO_FREE char *late = script_agent_exited("0 2 2 1\nx");
    AUTO_FREE char *half = script_agent_exited("0 0\nx");
    AUTO_FREE char *endless = script_agent_exited("no newline");
    const char *const replies[] = {
        garbled, negative, more, fewer, code, late, half, endless,
    };
    /* The agent does not know the runner, whose file is refused too. */
    const char *const refusals[] = {
        "{\"return\":{\"exited\":true,\"out-data\":\"***=\"}}",
        "{\"return\":{\"exited\":true,\"out-data\":\"abc\"}}",
        "{\"error\":{\"desc\":\"\\u001b[2Jboo\"}}",
        "not json",
        "{}",
        "[]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        const struct agent_line lines[] = { SPAWNED,
                                            { "guest-exec-status", replies[i], 0 },
                                            { 0 } };
        AUTO_GUEST_RESULT r = { 0 };
        AUTO_ERR e = NULL;
        struct script_agent a;

        assert_int_equal(run(&a, lines, &r, &e), -1);
        assert_non_null(strstr(e->msg, "in the guest"));
    }
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct agent_line lines[] = {
            SPAWNED,
            { "guest-exec-status", refusals[i], 0 },
            { "guest-file-open", "{\"error\":{\"desc\":\"\\u001b[2Jboo\"}}", 0 },
            { 0 },
        };
        AUTO_GUEST_RESULT r = { 0 };
        AUTO_ERR e = NULL;
        struct script_agent a;

        assert_int_equal(run(&a, lines, &r, &e), -1);
        assert_null(strchr(e->msg, '\033'));
    }
}

static void a_silent_agent_is_a_lost_guest(void **state)
{
    struct agent_line lines[100] = { { "guest-exec", NULL, ERR_TIMEOUT } };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    for (size_t i = 1; i < ARRAY_LEN(lines); i++)
        lines[i] = (struct agent_line){ "guest-ping", NULL, ERR_TIMEOUT };
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
}

static void waiting_ends_with_the_deadline(void **state)
{
    struct agent_line lines[200] = { 0 };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        lines[i] = (struct agent_line){ "guest-ping", NULL, ERR_TIMEOUT };
    struct guest *g = script_agent_open(&a, lines);
    assert_int_equal(g->ops->wait(g, 60000, &e), -1);
    script_agent_close(&a, g);
    assert_int_equal(e->code, ERR_GUEST);
    assert_true(script_agent_now >= 60000);
}

static void a_dead_vm_ends_the_wait_at_once(void **state)
{
    const struct agent_line lines[] = { { "guest-ping", NULL, ERR_GUEST }, { 0 } };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    struct guest *g = script_agent_open(&a, lines);
    assert_int_equal(g->ops->wait(g, 60000, &e), -1);
    script_agent_close(&a, g);
    assert_int_equal(e->code, ERR_GUEST);
}

static void a_reboot_is_another_boot_id(void **state)
{
    const struct agent_line lines[] = {
        OPENED,
        READ("QQ=="),
        READ_END,
        CLOSED,
        SPAWNED, /* before */
        PONG,
        OPENED,
        READ("QQ=="),
        READ_END,
        CLOSED,                              /* still the same */
        { "guest-ping", NULL, ERR_TIMEOUT }, /* down */
        PONG,
        OPENED,
        READ("Qg=="),
        READ_END,
        CLOSED,
        { 0 }, /* up again */
    };
    AUTO_ERR e = NULL;
    struct script_agent a;

    (void)state;
    struct guest *g = script_agent_open(&a, lines);
    assert_int_equal(g->ops->reboot(g, 100000, &e), 0);
    script_agent_close(&a, g);
    assert_null(lines[a.next].name);
}

static void a_missing_file_is_not_a_silent_agent(void **state)
{
    (void)state;
    struct script_agent a;
    AUTO_ERR err = NULL;
    const struct agent_line lines[] = {
        { "guest-file-open",
          "{\"error\":{\"class\":\"GenericError\",\"desc\":\"failed to open file '/etc/x' "
          "(mode: 'r'): No such file or directory\"}}",
          0 },
        { 0 },
    };
    struct guest *g = script_agent_open(&a, lines);
    char *text = NULL;
    size_t len = 0;

    assert_int_equal(g->ops->read_file(g, "/etc/x", 100, &text, &len, &err), -1);
    assert_int_equal(err->code, ERR_NOT_FOUND);
    assert_non_null(strstr(err->msg, "/etc/x"));
    assert_null(text);
    script_agent_close(&a, g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_command_is_accounted_for, script_agent_teardown),
        cmocka_unit_test_teardown(a_command_past_its_deadline_is_told_as_such,
                                  script_agent_teardown),
        cmocka_unit_test_teardown(a_runner_that_never_ends_loses_the_guest, script_agent_teardown),
        cmocka_unit_test_teardown(a_guest_without_perl_has_a_shell, script_agent_teardown),
        cmocka_unit_test_teardown(a_report_is_fetched, script_agent_teardown),
        cmocka_unit_test_teardown(a_restarted_agent_finds_the_account_in_a_file,
                                  script_agent_teardown),
        cmocka_unit_test_teardown(a_runner_that_left_no_account_is_an_error, script_agent_teardown),
        cmocka_unit_test_teardown(a_start_that_nobody_answered_is_tried_again,
                                  script_agent_teardown),
        cmocka_unit_test_teardown(an_agent_that_stays_away_is_a_lost_guest, script_agent_teardown),
        cmocka_unit_test_teardown(hostile_replies_are_errors, script_agent_teardown),
        cmocka_unit_test_teardown(a_silent_agent_is_a_lost_guest, script_agent_teardown),
        cmocka_unit_test_teardown(waiting_ends_with_the_deadline, script_agent_teardown),
        cmocka_unit_test_teardown(a_dead_vm_ends_the_wait_at_once, script_agent_teardown),
        cmocka_unit_test_teardown(a_reboot_is_another_boot_id, script_agent_teardown),
        cmocka_unit_test_teardown(a_missing_file_is_not_a_silent_agent, script_agent_teardown),
    };

    return cmocka_run_group_tests_name("qga", tests, NULL, NULL);
}
