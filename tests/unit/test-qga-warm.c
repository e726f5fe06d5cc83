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
#include "base/err.h"
#include "base/mem.h"
#include "fakes/script_agent.h"

/* clang-format off */
#define ENDED(code, out) \
    { "guest-exec-status", \
      "{\"return\":{\"exited\":true,\"exitcode\":" #code ",\"out-data\":\"" out "\"}}", 0 }
#define BOOT_ID(b64) OPENED, READ(b64), READ_END, CLOSED
/* clang-format on */

static void a_guest_at_rest_has_a_waker(void **state)
{
    (void)state;
    const struct agent_line lines[] = { SPAWNED, RUNNING, SPAWNED, RUNNING, ENDED(0, ""), { 0 } };
    AUTO_QGA_REST rest = { 0 };
    AUTO_ERR err = NULL;
    struct script_agent a;
    struct guest *g = script_agent_open(&a, lines);

    assert_int_equal(qga_settle(g, &rest, &err), 0);
    assert_int_equal(rest.waker, 7);
    assert_int_equal(strlen(rest.nonce), 32);
    assert_int_equal(a.next, 5);
    script_agent_close(&a, g);
}

static void without_perl_the_boot_id_must_do(void **state)
{
    (void)state;
    const struct agent_line lines[] = { SPAWNED, ENDED(127, ""), BOOT_ID("YWJjZAo="),
                                        SPAWNED, ENDED(0, ""),   { 0 } };
    AUTO_QGA_REST rest = { 0 };
    AUTO_ERR err = NULL;
    struct script_agent a;
    struct guest *g = script_agent_open(&a, lines);

    assert_int_equal(qga_settle(g, &rest, &err), 0);
    assert_int_equal(rest.waker, 0);
    assert_string_equal(rest.nonce, "abcd");
    script_agent_close(&a, g);
}

static void a_guest_without_rest_is_an_error(void **state)
{
    (void)state;
    const struct agent_line failed[] = { SPAWNED, RUNNING, SPAWNED, ENDED(1, ""), { 0 } };
    const struct agent_line gone[] = { SPAWNED, { "guest-exec-status", NULL, ERR_GUEST }, { 0 } };
    const struct agent_line *const cases[] = { failed, gone };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_QGA_REST rest = { 0 };
        AUTO_ERR err = NULL;
        struct script_agent a;
        struct guest *g = script_agent_open(&a, cases[i]);
        assert_int_equal(qga_settle(g, &rest, &err), -1);
        assert_int_equal(err->code, ERR_GUEST);
        assert_null(rest.nonce);
        script_agent_close(&a, g);
    }
}

static void a_waker_proves_and_gets_the_time(void **state)
{
    (void)state;
    const struct agent_line lines[] = {
        PONG, OPENED, WROTE(1), CLOSED, RUNNING, RUNNING, ENDED(0, "bm9uY2U="), { 0 }
    };
    const struct qga_rest rest = { .nonce = (char *)"nonce", .waker = 7 };
    AUTO_ERR err = NULL;
    struct script_agent a;
    struct guest *g = script_agent_open(&a, lines);

    a.step_ms = 0;
    script_agent_now = 1795574400250;
    assert_int_equal(qga_resume(g, &rest, 30000, &err), 0);
    const char *b64 = a.files.ptr[1];
    size_t len;
    AUTO_FREE char *written = base64_decode(b64, strlen(b64), &len);
    assert_int_equal(strncmp(written, "1795574400 250000000 ", 21), 0);
    assert_int_equal(strlen(written), 21 + 128 + 1); /* random bytes in hex, newline */
    script_agent_close(&a, g);
}

static void who_cannot_prove_is_refused(void **state)
{
    (void)state;
    const struct agent_line other[] = {
        PONG, OPENED, WROTE(1), CLOSED, ENDED(0, "bm9uY2E="), { 0 }
    };
    const struct agent_line longer[] = {
        PONG, OPENED, WROTE(1), CLOSED, ENDED(0, "bm9uY2VY"), { 0 }
    };
    const struct agent_line silent[] = { PONG, OPENED, WROTE(1), CLOSED, ENDED(0, ""), { 0 } };
    const struct agent_line failed[] = {
        PONG, OPENED, WROTE(1), CLOSED, ENDED(1, "bm9uY2U="), { 0 }
    };
    const struct agent_line booted[] = {
        PONG,
        { "guest-file-open", "{\"error\":{\"desc\":\"No such file or directory\"}}", 0 },
        { 0 }
    };
    const struct agent_line *const cases[] = { other, longer, silent, failed, booted };
    const struct qga_rest rest = { .nonce = (char *)"nonce", .waker = 7 };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_ERR err = NULL;
        struct script_agent a;
        struct guest *g = script_agent_open(&a, cases[i]);
        assert_int_equal(qga_resume(g, &rest, 30000, &err), -1);
        assert_non_null(strstr(err->msg, "wake the restored guest"));
        script_agent_close(&a, g);
    }
}

static void another_boot_id_is_refused(void **state)
{
    (void)state;
    const struct agent_line lines[] = { PONG, BOOT_ID("eHl6Cg=="), { 0 } };
    const struct qga_rest rest = { .nonce = (char *)"abcd" };
    AUTO_ERR err = NULL;
    struct script_agent a;
    struct guest *g = script_agent_open(&a, lines);

    assert_int_equal(qga_resume(g, &rest, 30000, &err), -1);
    assert_int_equal(err->code, ERR_GUEST);
    assert_non_null(strstr(err->msg, "booted"));
    script_agent_close(&a, g);
}

static void a_rehearsal_leaves_the_waker_alone(void **state)
{
    (void)state;
    const struct agent_line with[] = { PONG, OPENED, WROTE(1), CLOSED, RUNNING, { 0 } };
    const struct agent_line without[] = { PONG, { 0 } };
    const struct qga_rest waits = { .nonce = (char *)"nonce", .waker = 7 };
    const struct qga_rest none = { .nonce = (char *)"abcd" };
    AUTO_ERR err = NULL;
    struct script_agent a;
    struct guest *g = script_agent_open(&a, with);

    assert_int_equal(qga_rehearse(g, &waits, 30000, &err), 0);
    assert_string_equal(a.path, "/dev/null");
    assert_int_equal(a.next, 5);
    script_agent_close(&a, g);
    g = script_agent_open(&a, without);
    assert_int_equal(qga_rehearse(g, &none, 30000, &err), 0);
    assert_int_equal(a.next, 1);
    script_agent_close(&a, g);
}

static void a_guest_that_cannot_rehearse_is_refused(void **state)
{
    (void)state;
    const struct agent_line silent[] = { { "guest-ping", NULL, ERR_TIMEOUT }, { 0 } };
    const struct agent_line gone[] = { PONG, { "guest-file-open", NULL, ERR_GUEST }, { 0 } };
    const struct agent_line lost[] = {
        PONG, OPENED, WROTE(1), CLOSED, { "guest-exec-status", NULL, ERR_GUEST }, { 0 }
    };
    const struct agent_line woken[] = {
        PONG, OPENED, WROTE(1), CLOSED, ENDED(0, "bm9uY2U="), { 0 }
    };
    const struct agent_line *const cases[] = { silent, gone, lost, woken };
    const struct qga_rest rest = { .nonce = (char *)"nonce", .waker = 7 };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_ERR err = NULL;
        struct script_agent a;
        struct guest *g = script_agent_open(&a, cases[i]);
        assert_int_equal(qga_rehearse(g, &rest, 1000, &err), -1);
        assert_int_equal(err->code, ERR_GUEST);
        script_agent_close(&a, g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_guest_at_rest_has_a_waker, script_agent_teardown),
        cmocka_unit_test_teardown(without_perl_the_boot_id_must_do, script_agent_teardown),
        cmocka_unit_test_teardown(a_guest_without_rest_is_an_error, script_agent_teardown),
        cmocka_unit_test_teardown(a_waker_proves_and_gets_the_time, script_agent_teardown),
        cmocka_unit_test_teardown(who_cannot_prove_is_refused, script_agent_teardown),
        cmocka_unit_test_teardown(another_boot_id_is_refused, script_agent_teardown),
        cmocka_unit_test_teardown(a_rehearsal_leaves_the_waker_alone, script_agent_teardown),
        cmocka_unit_test_teardown(a_guest_that_cannot_rehearse_is_refused, script_agent_teardown),
    };

    return cmocka_run_group_tests_name("qga-warm", tests, NULL, NULL);
}
