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
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"

/* The agent: the n-th command whose name is `name` gets `reply`; NULL stands for silence. */
struct line {
    const char *name;
    const char *reply;
    int err; /* instead of a reply */
};
struct agent {
    const struct line *lines;
    size_t next;
    int spawned;
    const char *last; /* the program that was started last */
};

static int64_t fake_now;
static int64_t fake_mono(void)
{
    return fake_now;
}
static void fake_sleep(int64_t ms)
{
    fake_now += ms;
}
static const struct clock_ops fake_clock = { fake_mono, fake_mono, fake_sleep };

static int command(void *arg, const char *json, int timeout_s, char **ret_reply, struct err **err)
{
    struct agent *a = arg;
    const struct line *l = &a->lines[a->next];
    AUTO_JSON *j = json_parse(json, strlen(json), 1 << 20, "request", err);

    assert_non_null(j);
    fake_now += 10;
    assert_non_null(l->name);
    assert_string_equal(json_str_at(j, "execute"), l->name);
    a->next++;
    if (strcmp(l->name, "guest-exec") == 0) {
        const char *path = json_str_at(json_object_get(j, "arguments"), "path");
        a->spawned++;
        a->last = strstr(path, "perl") ? "perl" : "sh";
    }
    if (l->err) {
        fake_now += timeout_s * 1000;
        return err_set(err, (enum err_code)l->err, "no answer");
    }
    *ret_reply = xstrdup(l->reply);
    return 0;
}

static struct guest *open_guest(struct agent *a, const struct line *lines)
{
    *a = (struct agent){ .lines = lines };
    fake_now = 0;
    clock_set(&fake_clock);
    return qga_new(&(struct qga_channel){ command, a }, NULL);
}

static int teardown(void **state)
{
    (void)state;
    clock_set(NULL);
    return 0;
}

#define SPAWNED \
    { \
        "guest-exec", "{\"return\":{\"pid\":7}}", 0 \
    }

#define OPENED \
    { \
        "guest-file-open", "{\"return\":1000}", 0 \
    }
#define CLOSED \
    { \
        "guest-file-close", "{\"return\":{}}", 0 \
    }
#define READ_A \
    { \
        "guest-file-read", "{\"return\":{\"buf-b64\":\"QQ==\",\"count\":1}}", 0 \
    }
#define READ_B \
    { \
        "guest-file-read", "{\"return\":{\"buf-b64\":\"Qg==\",\"count\":1}}", 0 \
    }
#define READ_END \
    { \
        "guest-file-read", "{\"return\":{\"buf-b64\":\"\",\"count\":0,\"eof\":true}}", 0 \
    }
#define PONG \
    { \
        "guest-ping", "{\"return\":{}}", 0 \
    }
#define RUNNING \
    (struct line) \
    { \
        "guest-exec-status", "{\"return\":{\"exited\":false}}", 0 \
    }
#define FORGOTTEN \
    { \
        "guest-exec-status", "{\"error\":{\"desc\":\"Invalid parameter 'pid'\"}}", 0 \
    }

/* The exit of the runner with this on its stdout. */
static char *exited(const char *out)
{
    AUTO_FREE char *b64 = base64_encode(out, strlen(out));

    return xasprintf("{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"%s\"}}", b64);
}

static int run(struct agent *a, const struct line *lines, struct guest_result *r, struct err **e)
{
    static const char *const argv[] = { "/bin/true", NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = 5000, .output_max = 1000 };
    struct guest *g = open_guest(a, lines);
    int rc = g->ops->exec(g, &x, r, e);

    qga_free(g);
    return rc;
}

static void a_command_is_accounted_for(void **state)
{
    AUTO_FREE char *done = exited("3 0 2250 46\nhello\n");
    const struct line lines[] = {
        SPAWNED,
        { "guest-exec-status", "{\"return\":{\"exited\":false}}", 0 },
        { "guest-exec-status", done, 0 },
        { 0 },
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

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
    AUTO_FREE char *done = exited("137 1 5010 0\n");
    const struct line lines[] = { SPAWNED, { "guest-exec-status", done, 0 }, { 0 } };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_true(r.timed_out);
}

static void a_runner_that_never_ends_loses_the_guest(void **state)
{
    struct line lines[1000] = { SPAWNED };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    for (size_t i = 1; i < ARRAY_LEN(lines); i++)
        lines[i] = RUNNING;
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    assert_non_null(strstr(e->msg, "deadline"));
    assert_in_range(fake_now, 35000, 40000);
}

static void a_guest_without_perl_has_a_shell(void **state)
{
    AUTO_FREE char *done = exited("0 0 10 0\n");
    const struct line lines[] = {
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
    struct agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_string_equal(a.last, "sh");
    assert_int_equal(a.spawned, 2);
}

/* A file that holds this, from the opening to the closing of it. */
#define FILE_OF(data) OPENED, { "guest-file-read", data, 0 }, READ_END, CLOSED
#define ABSENT \
    { \
        "guest-file-open", "{\"error\":{\"desc\":\"x: No such file or directory\"}}", 0 \
    }

static void a_report_is_fetched(void **state)
{
    static const char *const argv[] = { "/bin/true", NULL };
    struct guest_exec x = {
        .argv = argv, .timeout_ms = 5000, .scratch = "TMP", .report = "r.tap", .report_max = 100
    };
    AUTO_FREE char *done = exited("0 0 10 0 5\n");
    AUTO_FREE char *none = exited("0 0 10 0 -1\n");
    AUTO_FREE char *bad = exited("0 0 10 0 -2\n");
    AUTO_FREE char *b64 = base64_encode("ok 1\n", 5);
    AUTO_FREE char *data = xasprintf("{\"return\":{\"buf-b64\":\"%s\",\"count\":5}}", b64);
    const struct line lines[] = {
        SPAWNED,
        { "guest-exec-status", done, 0 },
        FILE_OF(data),
        SPAWNED,
        { "guest-exec-status", none, 0 },
        SPAWNED,
        { "guest-exec-status", bad, 0 },
        { 0 },
    };
    struct agent a;
    struct guest *g = open_guest(&a, lines);
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
    qga_free(g);
}

static void a_restarted_agent_finds_the_account_in_a_file(void **state)
{
    AUTO_FREE char *b64 = base64_encode("0 0 7000 3\nhi\n", 14);
    AUTO_FREE char *data = xasprintf("{\"return\":{\"buf-b64\":\"%s\",\"count\":14}}", b64);
    const struct line lines[] = {
        SPAWNED,
        RUNNING,
        { "guest-exec-status", NULL, ERR_TIMEOUT }, /* not connected */
        { "guest-exec-status", NULL, ERR_TIMEOUT },
        FORGOTTEN,
        ABSENT,
        OPENED,
        READ_A,
        CLOSED, /* the runner is alive */
        FILE_OF(data),
        { 0 },
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

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
    const struct line lines[] = { SPAWNED, FORGOTTEN, ABSENT, ABSENT, ABSENT, { 0 } };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    assert_null(lines[a.next].name);
}

/* The first start may have got through: the second says nothing, and the file has it all. */
static void a_start_that_nobody_answered_is_tried_again(void **state)
{
    AUTO_FREE char *nothing = exited("");
    AUTO_FREE char *b64 = base64_encode("4 0 70 0\n", 9);
    AUTO_FREE char *data = xasprintf("{\"return\":{\"buf-b64\":\"%s\",\"count\":9}}", b64);
    const struct line lines[] = {
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
    struct agent a;

    (void)state;
    assert_int_equal(run(&a, lines, &r, &e), 0);
    assert_int_equal(r.exit_code, 4);
}

static void an_agent_that_stays_away_is_a_lost_guest(void **state)
{
    struct line lines[100] = { SPAWNED, RUNNING };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    for (size_t i = 2; i < ARRAY_LEN(lines); i++)
        lines[i] = (struct line){ "guest-exec-status", NULL, ERR_TIMEOUT };
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
    assert_in_range(fake_now, 30000, 50000);
}

static void hostile_replies_are_errors(void **state)
{
    AUTO_FREE char *garbled = exited("three 0 2 0\nx");
    AUTO_FREE char *negative = exited("0 0 -2 1\nx");
    AUTO_FREE char *more = exited("0 0 2 1 and more\nx");
    AUTO_FREE char *fewer = exited("0 0 2 0\nx");
    AUTO_FREE char *code = exited("256 0 2 1\nx");
    AUTO_FREE char *late = exited("0 2 2 1\nx");
    AUTO_FREE char *half = exited("0 0\nx");
    AUTO_FREE char *endless = exited("no newline");
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
        const struct line lines[] = { SPAWNED, { "guest-exec-status", replies[i], 0 }, { 0 } };
        AUTO_GUEST_RESULT r = { 0 };
        AUTO_ERR e = NULL;
        struct agent a;

        assert_int_equal(run(&a, lines, &r, &e), -1);
        assert_non_null(strstr(e->msg, "in the guest"));
    }
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct line lines[] = {
            SPAWNED,
            { "guest-exec-status", refusals[i], 0 },
            { "guest-file-open", "{\"error\":{\"desc\":\"\\u001b[2Jboo\"}}", 0 },
            { 0 },
        };
        AUTO_GUEST_RESULT r = { 0 };
        AUTO_ERR e = NULL;
        struct agent a;

        assert_int_equal(run(&a, lines, &r, &e), -1);
        assert_null(strchr(e->msg, '\033'));
    }
}

static void a_silent_agent_is_a_lost_guest(void **state)
{
    struct line lines[100] = { { "guest-exec", NULL, ERR_TIMEOUT } };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    for (size_t i = 1; i < ARRAY_LEN(lines); i++)
        lines[i] = (struct line){ "guest-ping", NULL, ERR_TIMEOUT };
    assert_int_equal(run(&a, lines, &r, &e), -1);
    assert_int_equal(e->code, ERR_GUEST);
}

static void waiting_ends_with_the_deadline(void **state)
{
    struct line lines[200] = { 0 };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        lines[i] = (struct line){ "guest-ping", NULL, ERR_TIMEOUT };
    struct guest *g = open_guest(&a, lines);
    assert_int_equal(g->ops->wait(g, 60000, &e), -1);
    qga_free(g);
    assert_int_equal(e->code, ERR_GUEST);
    assert_true(fake_now >= 60000);
}

static void a_dead_vm_ends_the_wait_at_once(void **state)
{
    const struct line lines[] = { { "guest-ping", NULL, ERR_GUEST }, { 0 } };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    struct guest *g = open_guest(&a, lines);
    assert_int_equal(g->ops->wait(g, 60000, &e), -1);
    qga_free(g);
    assert_int_equal(e->code, ERR_GUEST);
}

static void a_reboot_is_another_boot_id(void **state)
{
    const struct line lines[] = {
        OPENED,
        READ_A,
        READ_END,
        CLOSED,
        SPAWNED, /* before */
        PONG,
        OPENED,
        READ_A,
        READ_END,
        CLOSED,                              /* still the same */
        { "guest-ping", NULL, ERR_TIMEOUT }, /* down */
        PONG,
        OPENED,
        READ_B,
        READ_END,
        CLOSED,
        { 0 }, /* up again */
    };
    AUTO_ERR e = NULL;
    struct agent a;

    (void)state;
    struct guest *g = open_guest(&a, lines);
    assert_int_equal(g->ops->reboot(g, 100000, &e), 0);
    qga_free(g);
    assert_null(lines[a.next].name);
}

static void a_missing_file_is_not_a_silent_agent(void **state)
{
    (void)state;
    struct agent a;
    AUTO_ERR err = NULL;
    const struct line lines[] = {
        { "guest-file-open",
          "{\"error\":{\"class\":\"GenericError\",\"desc\":\"failed to open file '/etc/x' "
          "(mode: 'r'): No such file or directory\"}}",
          0 },
        { 0 },
    };
    struct guest *g = open_guest(&a, lines);
    char *text = NULL;
    size_t len = 0;

    assert_int_equal(g->ops->read_file(g, "/etc/x", 100, &text, &len, &err), -1);
    assert_int_equal(err->code, ERR_NOT_FOUND);
    assert_non_null(strstr(err->msg, "/etc/x"));
    assert_null(text);
    qga_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_command_is_accounted_for, teardown),
        cmocka_unit_test_teardown(a_command_past_its_deadline_is_told_as_such, teardown),
        cmocka_unit_test_teardown(a_runner_that_never_ends_loses_the_guest, teardown),
        cmocka_unit_test_teardown(a_guest_without_perl_has_a_shell, teardown),
        cmocka_unit_test_teardown(a_report_is_fetched, teardown),
        cmocka_unit_test_teardown(a_restarted_agent_finds_the_account_in_a_file, teardown),
        cmocka_unit_test_teardown(a_runner_that_left_no_account_is_an_error, teardown),
        cmocka_unit_test_teardown(a_start_that_nobody_answered_is_tried_again, teardown),
        cmocka_unit_test_teardown(an_agent_that_stays_away_is_a_lost_guest, teardown),
        cmocka_unit_test_teardown(hostile_replies_are_errors, teardown),
        cmocka_unit_test_teardown(a_silent_agent_is_a_lost_guest, teardown),
        cmocka_unit_test_teardown(waiting_ends_with_the_deadline, teardown),
        cmocka_unit_test_teardown(a_dead_vm_ends_the_wait_at_once, teardown),
        cmocka_unit_test_teardown(a_reboot_is_another_boot_id, teardown),
        cmocka_unit_test_teardown(a_missing_file_is_not_a_silent_agent, teardown),
    };

    return cmocka_run_group_tests_name("qga", tests, NULL, NULL);
}
