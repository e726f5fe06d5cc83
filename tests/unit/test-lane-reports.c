/* Reports in one lane: what they say all together is limited. */
#include <string.h>

#include "adapters/result_formats.h"
#include "base/mem.h"
#include "core/check_results.h"
#include "core/image.h"
#include "core/lane.h"
#include "core/params.h"
#include "core/site.h"
#include "core/testcase.h"
#include "fakes/fake_lab.h"
#include "fakes/fixture.h"

enum { CHECKS_MAX = 16 };
#define LITERAL(text) ((char *)(text)) /* nobody writes to or frees it */

/* What the image's ready command prints, and secrets that nobody may read there. */
static const char *ready_says;
static const struct params *params;

/* Runs a baseline lane with `n` checks, each of which reports `tap`; the last is called "last". */
static void run(size_t n, const char *tap, struct lane_report *ret)
{
    struct fixture f = fixture_open();
    struct fake_lab lab;
    struct site site = { .dir = f.dir, .blobs = f.b, .result_formats = result_formats };
    struct image image = { .name = LITERAL("web"), .disk = LITERAL("/nowhere"), .memory = 1 << 20 };
    char *ready[] = { LITERAL("is-ready"), NULL };
    struct check checks[CHECKS_MAX];
    struct testcase t = { .name = LITERAL("shop"), .checks = checks, .check_count = n };
    struct mailbox *mailbox = mailbox_new();
    struct lane_plan plan = {
        .site = &site,
        .lab = &lab.lab,
        .lane = LANE_BASELINE,
        .round = 1,
        .points = 1 << POINT_FIRST,
        .label = "run1-a",
        .image = &image,
        .testcases = &t,
        .testcase_count = 1,
        .payload = "/nowhere/payload.iso",
        .params = params,
        .mailbox = mailbox,
    };
    AUTO_ERR e = NULL;

    for (size_t i = 0; i < n; i++)
        checks[i] = (struct check){
            .name = LITERAL(i + 1 < n ? "a" : "last"),
            .title = LITERAL("reports"),
            .run = LITERAL("checks/a"),
            .timeout_ms = 1000,
            .output_max = 16 << 20,
            .stages = 1 << POINT_FIRST,
            .results = CHECK_TAP,
        };
    if (ready_says)
        image.ready = (struct command){ .argv = { ready, 1 }, .timeout_ms = 1000 };
    fake_lab_init(&lab);
    fake_lab_answer(&lab, (struct fake_answer){ .part = "is-ready", .output = ready_says });
    fake_lab_answer(&lab, (struct fake_answer){ .part = "checks/a", .output = tap });
    expect_ok(lane_run(&plan, ret, &e) == 0, &e);
    fake_lab_release(&lab);
    mailbox_free(mailbox);
    fixture_close(&f);
}

static const struct result *find(const struct lane_report *r, const char *check)
{
    for (size_t i = 0; i < r->results.len; i++) {
        if (str_eq(r->results.ptr[i].check, check))
            return &r->results.ptr[i];
    }
    fail_msg("no result of '%s'", check);
    return NULL;
}

/* As many tests as a lane may have, and one check that goes beyond. */
static void the_tests_of_a_lane_are_limited(void **state)
{
    enum { TESTS = 99990 };
    struct lane_report r = { 0 };
    AUTO_STR tap = STR_INIT(1 << 20);

    (void)state;
    str_addf(&tap, "1..%d\n", TESTS);
    for (int i = 0; i < TESTS; i++)
        str_add(&tap, "ok\n");
    run(4, tap.ptr, &r);
    assert_in_range(r.results.len, 3 * TESTS, 3 * TESTS + 20);
    assert_int_equal(find(&r, "a")->outcome, OUTCOME_PASS);
    assert_int_equal(find(&r, "last")->outcome, OUTCOME_FAIL);
    assert_string_equal(find(&r, "last")->message,
                        "the checks of this lane report more than 300000 tests");
    lane_report_release(&r);
}

/* Each report says as much as one may; after some of them only the outcomes are kept. */
static void the_messages_of_a_lane_are_limited(void **state)
{
    enum { CHECKS = 10, TESTS = 2100 };
    struct lane_report r = { 0 };
    AUTO_STR tap = STR_INIT(16 << 20);
    AUTO_FREE char *line = xcalloc(1, 4097);
    size_t said = 0, failed = 0;

    (void)state;
    memset(line, 'x', 4096);
    str_addf(&tap, "1..%d\n", TESTS);
    for (int i = 0; i < TESTS; i++)
        str_addf(&tap, "not ok\n%s\n", line);
    run(CHECKS, tap.ptr, &r);
    for (size_t i = 0; i < r.results.len; i++) {
        const struct result *one = &r.results.ptr[i];
        failed += one->sub && one->outcome == OUTCOME_FAIL;
        said += one->sub && one->message ? strlen(one->message) : 0;
    }
    assert_int_equal(failed, CHECKS * TESTS);
    assert_in_range(said, 48 << 20, 65 << 20);
    lane_report_release(&r);
}

/* The first half of a secret is one as well, when the limit of the output has cut it. */
static void no_half_of_a_secret_is_kept(void **state)
{
    enum { OUTPUT_MAX = 64 << 10 };
    struct param_value v = { LITERAL("pw"), LITERAL("hunter2"), strlen("hunter2"), true };
    struct testcase_values values = { LITERAL("shop"), &v, 1 };
    const struct params one = { &values, 1 };
    struct lane_report r = { 0 };
    AUTO_STR said = STR_INIT(OUTPUT_MAX + 10), kept = STR_INIT(OUTPUT_MAX + 10);
    AUTO_FREE char *line = xcalloc(1, OUTPUT_MAX + 1);
    char hex[DIGEST_HEX_SIZE];

    (void)state;
    memset(line, 'x', OUTPUT_MAX - 5);
    str_addf(&said, "%shunter2", line);
    str_addf(&kept, "%s[secret pw]", line);
    digest_mem(kept.ptr, kept.len, hex);
    ready_says = said.ptr;
    params = &one;
    run(1, "1..1\nok\n", &r);
    ready_says = NULL;
    params = NULL;
    assert_string_equal(find(&r, "ready")->output, hex);
    lane_report_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tests_of_a_lane_are_limited),
        cmocka_unit_test(the_messages_of_a_lane_are_limited),
        cmocka_unit_test(no_half_of_a_secret_is_kept),
    };

    return cmocka_run_group_tests_name("lane-reports", tests, NULL, NULL);
}
