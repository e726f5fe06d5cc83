/* qga_warm: a guest that is laid to rest and woken, behind a scripted agent. */
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

/* The commands that must come, in this order, and what they get. */
struct line {
    const char *name;
    const char *reply;
    int err; /* instead of a reply */
};
struct agent {
    const struct line *lines;
    size_t next;
    char *opened;  /* the last guest-file-open */
    char *written; /* the last guest-file-write, decoded */
};

static int64_t fake_now = 1795574400250;
static int64_t fake_time(void)
{
    return fake_now;
}
static void fake_sleep(int64_t ms)
{
    fake_now += ms;
}
static const struct clock_ops fake_clock = { fake_time, fake_time, fake_sleep };

static int command(void *arg, const char *json, int timeout_s, char **ret_reply, struct err **err)
{
    struct agent *a = arg;
    const struct line *l = &a->lines[a->next++];
    AUTO_JSON *j = json_parse(json, strlen(json), 1 << 20, "request", err);
    const json_t *args = json_object_get(j, "arguments");
    const char *data = json_str_at(args, "buf-b64");
    size_t len;

    assert_non_null(j);
    assert_non_null(l->name);
    assert_string_equal(json_str_at(j, "execute"), l->name);
    if (json_str_at(args, "path")) {
        free(a->opened);
        a->opened = xstrdup(json_str_at(args, "path"));
    }
    if (data) {
        free(a->written);
        a->written = base64_decode(data, strlen(data), &len);
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
    clock_set(&fake_clock);
    return qga_new(&(struct qga_channel){ command, a }, NULL);
}

static void close_guest(struct guest *g, struct agent *a)
{
    free(a->opened);
    free(a->written);
    qga_free(g);
}

static int teardown(void **state)
{
    (void)state;
    clock_set(NULL);
    return 0;
}

/* clang-format off */
#define PONG { "guest-ping", "{\"return\":{}}", 0 }
#define SPAWNED { "guest-exec", "{\"return\":{\"pid\":7}}", 0 }
#define RUNNING { "guest-exec-status", "{\"return\":{\"exited\":false}}", 0 }
#define ENDED(code, out) \
    { "guest-exec-status", \
      "{\"return\":{\"exited\":true,\"exitcode\":" #code ",\"out-data\":\"" out "\"}}", 0 }
#define OPENED { "guest-file-open", "{\"return\":1000}", 0 }
#define WRITTEN { "guest-file-write", "{\"return\":{\"count\":1,\"eof\":false}}", 0 }
#define CLOSED { "guest-file-close", "{\"return\":{}}", 0 }
#define BOOT_ID(b64) \
    OPENED, { "guest-file-read", "{\"return\":{\"buf-b64\":\"" b64 "\",\"count\":5}}", 0 }, \
    { "guest-file-read", "{\"return\":{\"buf-b64\":\"\",\"count\":0,\"eof\":true}}", 0 }, CLOSED
/* clang-format on */

static void a_guest_at_rest_has_a_waker(void **state)
{
    (void)state;
    const struct line lines[] = { SPAWNED, RUNNING, SPAWNED, RUNNING, ENDED(0, ""), { 0 } };
    AUTO_QGA_REST rest = { 0 };
    AUTO_ERR err = NULL;
    struct agent a;
    struct guest *g = open_guest(&a, lines);

    assert_int_equal(qga_settle(g, &rest, &err), 0);
    assert_int_equal(rest.waker, 7);
    assert_int_equal(strlen(rest.nonce), 32);
    assert_int_equal(a.next, 5);
    close_guest(g, &a);
}

static void without_perl_the_boot_id_must_do(void **state)
{
    (void)state;
    const struct line lines[] = { SPAWNED, ENDED(127, ""), BOOT_ID("YWJjZAo="),
                                  SPAWNED, ENDED(0, ""),   { 0 } };
    AUTO_QGA_REST rest = { 0 };
    AUTO_ERR err = NULL;
    struct agent a;
    struct guest *g = open_guest(&a, lines);

    assert_int_equal(qga_settle(g, &rest, &err), 0);
    assert_int_equal(rest.waker, 0);
    assert_string_equal(rest.nonce, "abcd");
    close_guest(g, &a);
}

static void a_guest_without_rest_is_an_error(void **state)
{
    (void)state;
    const struct line failed[] = { SPAWNED, RUNNING, SPAWNED, ENDED(1, ""), { 0 } };
    const struct line gone[] = { SPAWNED, { "guest-exec-status", NULL, ERR_GUEST }, { 0 } };
    const struct line *const cases[] = { failed, gone };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_QGA_REST rest = { 0 };
        AUTO_ERR err = NULL;
        struct agent a;
        struct guest *g = open_guest(&a, cases[i]);
        assert_int_equal(qga_settle(g, &rest, &err), -1);
        assert_int_equal(err->code, ERR_GUEST);
        assert_null(rest.nonce);
        close_guest(g, &a);
    }
}

static void a_waker_proves_and_gets_the_time(void **state)
{
    (void)state;
    const struct line lines[] = {
        PONG, OPENED, WRITTEN, CLOSED, RUNNING, RUNNING, ENDED(0, "bm9uY2U="), { 0 }
    };
    const struct qga_rest rest = { .nonce = (char *)"nonce", .waker = 7 };
    AUTO_ERR err = NULL;
    struct agent a;
    struct guest *g = open_guest(&a, lines);

    fake_now = 1795574400250;
    assert_int_equal(qga_resume(g, &rest, 30000, &err), 0);
    assert_int_equal(strncmp(a.written, "1795574400 250000000 ", 21), 0);
    assert_int_equal(strlen(a.written), 21 + 128 + 1); /* random bytes in hex, newline */
    close_guest(g, &a);
}

static void who_cannot_prove_is_refused(void **state)
{
    (void)state;
    const struct line other[] = { PONG, OPENED, WRITTEN, CLOSED, ENDED(0, "bm9uY2E="), { 0 } };
    const struct line longer[] = { PONG, OPENED, WRITTEN, CLOSED, ENDED(0, "bm9uY2VY"), { 0 } };
    const struct line silent[] = { PONG, OPENED, WRITTEN, CLOSED, ENDED(0, ""), { 0 } };
    const struct line failed[] = { PONG, OPENED, WRITTEN, CLOSED, ENDED(1, "bm9uY2U="), { 0 } };
    const struct line booted[] = { PONG,
                                   { "guest-file-open",
                                     "{\"error\":{\"desc\":\"No such file or directory\"}}", 0 },
                                   { 0 } };
    const struct line *const cases[] = { other, longer, silent, failed, booted };
    const struct qga_rest rest = { .nonce = (char *)"nonce", .waker = 7 };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_ERR err = NULL;
        struct agent a;
        struct guest *g = open_guest(&a, cases[i]);
        assert_int_equal(qga_resume(g, &rest, 30000, &err), -1);
        assert_non_null(strstr(err->msg, "wake the restored guest"));
        close_guest(g, &a);
    }
}

static void another_boot_id_is_refused(void **state)
{
    (void)state;
    const struct line lines[] = { PONG, BOOT_ID("eHl6Cg=="), { 0 } };
    const struct qga_rest rest = { .nonce = (char *)"abcd" };
    AUTO_ERR err = NULL;
    struct agent a;
    struct guest *g = open_guest(&a, lines);

    assert_int_equal(qga_resume(g, &rest, 30000, &err), -1);
    assert_int_equal(err->code, ERR_GUEST);
    assert_non_null(strstr(err->msg, "booted"));
    close_guest(g, &a);
}

static void a_rehearsal_leaves_the_waker_alone(void **state)
{
    (void)state;
    const struct line with[] = { PONG, OPENED, WRITTEN, CLOSED, RUNNING, { 0 } };
    const struct line without[] = { PONG, { 0 } };
    const struct qga_rest waits = { .nonce = (char *)"nonce", .waker = 7 };
    const struct qga_rest none = { .nonce = (char *)"abcd" };
    AUTO_ERR err = NULL;
    struct agent a;
    struct guest *g = open_guest(&a, with);

    assert_int_equal(qga_rehearse(g, &waits, 30000, &err), 0);
    assert_string_equal(a.opened, "/dev/null");
    assert_int_equal(a.next, 5);
    close_guest(g, &a);
    g = open_guest(&a, without);
    assert_int_equal(qga_rehearse(g, &none, 30000, &err), 0);
    assert_int_equal(a.next, 1);
    close_guest(g, &a);
}

static void a_guest_that_cannot_rehearse_is_refused(void **state)
{
    (void)state;
    const struct line silent[] = { { "guest-ping", NULL, ERR_TIMEOUT }, { 0 } };
    const struct line gone[] = { PONG, { "guest-file-open", NULL, ERR_GUEST }, { 0 } };
    const struct line lost[] = {
        PONG, OPENED, WRITTEN, CLOSED, { "guest-exec-status", NULL, ERR_GUEST }, { 0 }
    };
    const struct line woken[] = { PONG, OPENED, WRITTEN, CLOSED, ENDED(0, "bm9uY2U="), { 0 } };
    const struct line *const cases[] = { silent, gone, lost, woken };
    const struct qga_rest rest = { .nonce = (char *)"nonce", .waker = 7 };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_ERR err = NULL;
        struct agent a;
        struct guest *g = open_guest(&a, cases[i]);
        assert_int_equal(qga_rehearse(g, &rest, 1000, &err), -1);
        assert_int_equal(err->code, ERR_GUEST);
        close_guest(g, &a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_guest_at_rest_has_a_waker, teardown),
        cmocka_unit_test_teardown(without_perl_the_boot_id_must_do, teardown),
        cmocka_unit_test_teardown(a_guest_without_rest_is_an_error, teardown),
        cmocka_unit_test_teardown(a_waker_proves_and_gets_the_time, teardown),
        cmocka_unit_test_teardown(who_cannot_prove_is_refused, teardown),
        cmocka_unit_test_teardown(another_boot_id_is_refused, teardown),
        cmocka_unit_test_teardown(a_rehearsal_leaves_the_waker_alone, teardown),
        cmocka_unit_test_teardown(a_guest_that_cannot_rehearse_is_refused, teardown),
    };

    return cmocka_run_group_tests_name("qga-warm", tests, NULL, NULL);
}
