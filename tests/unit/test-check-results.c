/* What exit status and report of a check say together, and what a run makes of its tests. */
#include <string.h>

#include "adapters/result_formats.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/check_results.h"
#include "fakes/put_file.h"
#include "fakes/run_scene.h"
#include "ports/guest.h"

/* --- one check -------------------------------------------------------------------------------- */

static const struct {
    const char *text; /* NULL: no file */
    int exit;
    bool timed_out;
    enum outcome outcome;
    const char *why; /* NULL: none */
    size_t tests;
} reports[] = {
    { "1..2\nok 1\nok 2\n", 0, false, OUTCOME_PASS, "2 of 2 tests passed", 2 },
    { "1..2\nok 1\nok 2 # skip x\n", 0, false, OUTCOME_PASS, "1 of 2 tests passed", 2 },
    { "1..2\nok 1\nnot ok 2\n", 0, false, OUTCOME_FAIL, "1 of 2 tests failed", 2 },
    { "1..2\nok 1\nnot ok 2\n", 1, false, OUTCOME_FAIL, "1 of 2 tests failed", 2 },
    { "1..2\nok 1\nnot ok 2\n", 77, false, OUTCOME_FAIL, "1 of 2 tests failed", 2 },
    { "1..1\nok 1\n", 3, false, OUTCOME_FAIL, "exit status 3, although none of 1 tests failed", 1 },
    { "1..1\nok 1\n", 77, false, OUTCOME_FAIL, "exit status 77, although none", 1 },
    { "1..1\nnot ok 1 # todo x\n", 0, false, OUTCOME_SKIP, "0 of 1 tests passed", 1 },
    { "1..1\nok 1\n", 0, true, OUTCOME_FAIL, "its time was over; 1 tests had been reported", 1 },
    { "1..2\nok 1\n", 0, false, OUTCOME_FAIL, "1 of 2 tests failed", 2 },
    { "1..9\nBail out! x\n", 0, false, OUTCOME_FAIL, "1 of 1 tests failed", 1 },
    { "1..0 # skip no net\n", 0, false, OUTCOME_SKIP, "all was skipped: no net", 0 },
    { "1..0\n", 77, false, OUTCOME_SKIP, "all was skipped: nobody says why", 0 },
    { "1..0 # skip x\n", 1, false, OUTCOME_FAIL, "exit status 1, although none", 0 },
    { "hello\n", 0, false, OUTCOME_FAIL, "its report cannot be read: there is no TAP in it", 0 },
    { "hello\n", 0, true, OUTCOME_FAIL, "its time was over, and its report cannot be read", 0 },
    { "", 77, false, OUTCOME_SKIP, NULL, 0 },
    { "", 0, false, OUTCOME_FAIL, "its report cannot be read", 0 },
    { NULL, 0, false, OUTCOME_FAIL, "it left no file 'r.tap'", 0 },
    { NULL, 77, false, OUTCOME_SKIP, NULL, 0 },
    { NULL, 1, false, OUTCOME_FAIL, "it left no file 'r.tap'", 0 },
};

static void judge(const char *text, int exit, bool timed_out, bool in_file,
                  const struct result_format *f, struct check_judgement *ret)
{
    AUTO_GUEST_RESULT r = {
        .exit_code = exit,
        .timed_out = timed_out,
        .output = STR_INIT(1000),
        .report = STR_INIT(1000),
        .report_total = -1,
    };

    if (in_file && text) {
        str_add(&r.report, text);
        r.report_total = (int64_t)strlen(text);
    } else if (text) {
        str_add(&r.output, text);
        r.output_total = (int64_t)strlen(text);
    }
    check_judge(f, in_file ? "r.tap" : NULL, &r, ret);
}

static void report_and_status_count_both(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
        for (int in_file = 0; in_file < 2; in_file++) {
            AUTO_CHECK_JUDGEMENT j = { 0 };

            if (!reports[i].text && !in_file)
                continue;
            judge(reports[i].text, reports[i].exit, reports[i].timed_out, in_file, &result_tap, &j);
            if (j.outcome != reports[i].outcome || j.tests.len != reports[i].tests
                || !j.why != !reports[i].why || (j.why && !strstr(j.why, reports[i].why)))
                fail_msg("report %zu: %s, %zu tests, '%s'", i, outcome_names[j.outcome],
                         j.tests.len, j.why ? j.why : "");
        }
    }
}

static void without_a_format_the_status_counts(void **state)
{
    static const enum outcome outcomes[] = { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_SKIP };
    static const int codes[] = { 0, 1, 77 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        AUTO_CHECK_JUDGEMENT j = { 0 };
        judge("1..1\nnot ok\n", codes[i], false, false, NULL, &j);
        assert_int_equal(j.outcome, outcomes[i]);
        assert_null(j.why);
        assert_int_equal(j.tests.len, 0);
    }
}

static void an_empty_or_foreign_report_fails(void **state)
{
    AUTO_CHECK_JUDGEMENT empty = { 0 }, foreign = { 0 };

    (void)state;
    judge("<testsuites/>", 0, false, true, &result_junit, &empty);
    assert_int_equal(empty.outcome, OUTCOME_FAIL);
    assert_string_equal(empty.why, "its report has no test");
    judge("<x>\x1b</x>", 0, false, true, &result_junit, &foreign);
    assert_int_equal(foreign.outcome, OUTCOME_FAIL);
    assert_non_null(strstr(foreign.why, "report:1: "));
}

static void a_report_that_was_cut_off_fails(void **state)
{
    AUTO_GUEST_RESULT r = { .output = STR_INIT(100), .output_total = 9000 };
    AUTO_CHECK_JUDGEMENT j = { 0 };

    (void)state;
    str_add(&r.output, "1..1\nok 1\n");
    check_judge(&result_tap, NULL, &r, &j);
    assert_int_equal(j.outcome, OUTCOME_FAIL);
    assert_string_equal(j.why, "its report has 9000 bytes, of which 10 are within the limit");
    assert_int_equal(j.tests.len, 0);
}

/* --- in a run --------------------------------------------------------------------------------- */

/* A run of testcase "suite" with one check, `keys` beside its name and program. */
static struct run_scene *scene_with(const char *keys)
{
    struct run_scene *s = run_scene_new();
    AUTO_FREE char *dir = path_join(s->f.dir, "suite");
    AUTO_FREE char *yaml = xasprintf("name: suite\nchecks:\n"
                                     "  - {name: all, run: checks/all, stages: [patched], %s}\n",
                                     keys);
    AUTO_TESTCASE_LIST l = { 0 };
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;

    put_file(dir, "checks/all", "#!/bin/sh\n", 0755);
    put_file(dir, "testcase.yaml", yaml, 0644);
    strv_add(&paths, dir);
    s->site.result_formats = result_formats;
    s->options = (struct run_options){ .confirm = 1, .last = POINT_FIRST };
    expect_ok(testcases_read(&paths, &l, &e) == 0, &e);
    expect_ok(scene_create(s, &l, &e) == 0, &e);
    return s;
}

/* The comparison of 'suite/all'. */
static json_t *row_of(struct run_scene *s)
{
    AUTO_JSON *run = scene_run(s);
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(json_object_get(run, "summary"), "checks"), i, row)
    {
        if (str_eq(json_str_at(row, "testcase"), "suite"))
            return json_incref(row);
    }
    fail_msg("no row");
    return NULL;
}

static void a_test_that_regresses_fails_the_run(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: tap");

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/all",
                                                   .patched = true,
                                                   .output = "1..3\nok - login\nnot ok - order\n"
                                                             "# got 502\nnot ok - old\n",
                                                   .exit = 1 });
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/all",
                                                   .output = "1..3\nok - login\nok - order\n"
                                                             "not ok - old\n",
                                                   .exit = 1 });
    expect_verdict(s, VERDICT_FAIL);
    expect_reason(s,
                  "[\"check 'suite/all', test 'order' passed before and fails with the patch "
                  "at stage 'patched': with the patch it failed 2 of 2 times, without 0 of 2\"]");
    AUTO_JSON *row = row_of(s);
    const json_t *tests = json_object_get(row, "tests");
    AUTO_FREE char *classes = json_canonical(json_object_get(tests, "classes"));
    assert_string_equal(json_str_at(row, "class"), "known-failure");
    assert_string_equal(json_str_at(json_object_get(row, "after"), "why"), "2 of 3 tests failed");
    assert_string_equal(classes, "{\"known-failure\":1,\"ok\":1,\"regression\":1}");
    const json_t *first = json_array_get(json_object_get(tests, "differ"), 0);
    assert_string_equal(json_str_at(first, "test"), "order");
    assert_string_equal(json_str_at(json_object_get(first, "after"), "message"), "# got 502");
    assert_int_equal(json_int_at(json_object_get(first, "rounds"), "count"), 2);
    assert_true(json_is_null(json_object_get(tests, "all")));
}

static void a_test_that_fails_once_is_flaky(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: tap");

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/all",
                                                   .patched = true,
                                                   .clone = 1,
                                                   .output = "1..2\nok - a\nnot ok - b\n" });
    fake_lab_answer(
        &s->lab, (struct fake_answer){ .part = "checks/all", .output = "1..2\nok - a\nok - b\n" });
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "check 'suite/all', test 'b' does not give the same result twice");
}

static void a_test_that_is_gone_is_missing(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: tap");

    (void)state;
    fake_lab_answer(
        &s->lab,
        (struct fake_answer){ .part = "checks/all", .patched = true, .output = "1..1\nok - a\n" });
    fake_lab_answer(
        &s->lab, (struct fake_answer){ .part = "checks/all", .output = "1..2\nok - a\nok - b\n" });
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "check 'suite/all', test 'b' has no result that can be compared");
}

static void a_report_in_a_file_is_read(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: junit, report: out/r.xml");

    (void)state;
    fake_lab_answer(
        &s->lab, (struct fake_answer){ .part = "checks/all",
                                       .output = "1..1\nnot ok - this is no report\n",
                                       .report = "<testsuite><testcase name='a'/></testsuite>" });
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "and 1 tests in checks, pass with the patch");
    assert_string_equal(s->lab.lanes[LANE_CANDIDATE].last_report, "out/r.xml");
    AUTO_JSON *row = row_of(s);
    assert_int_equal(json_int_at(json_object_get(row, "tests"), "count"), 1);
}

static void a_suite_without_a_word_fails(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: junit, report: r.xml");

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/all", .patched = true });
    fake_lab_answer(
        &s->lab, (struct fake_answer){ .part = "checks/all",
                                       .report = "<testsuite><testcase name='a'/></testsuite>" });
    expect_verdict(s, VERDICT_FAIL);
    expect_reason(s, "check 'suite/all' passed before and fails with the patch at stage 'patched' "
                     "(it left no file 'r.xml')");
}

/* Sentences, rows and records stay small, and nothing is lost. */
static void a_large_suite_stays_readable(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: tap, output-limit: 16MiB");
    AUTO_STR good = STR_INIT(16 << 20), bad = STR_INIT(16 << 20);

    (void)state;
    for (int i = 0; i < 4000; i++) {
        str_addf(&good, "ok - test %d\n", i);
        str_addf(&bad, "%s - test %d\n# %d\n", i % 2 ? "ok" : "not ok", i, i);
    }
    str_add(&good, "1..4000\n");
    str_add(&bad, "1..4000\n");
    fake_lab_answer(
        &s->lab, (struct fake_answer){ .part = "checks/all", .patched = true, .output = bad.ptr });
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/all", .output = good.ptr });
    expect_verdict(s, VERDICT_FAIL);
    expect_reason(s, "and 1990 more, each of which passed before and fails with the patch");
    AUTO_JSON *row = row_of(s);
    const json_t *tests = json_object_get(row, "tests");
    assert_int_equal(json_array_size(json_object_get(tests, "differ")), 50);
    const char *hex = json_str_at(json_object_get(tests, "all"), "blob");
    assert_non_null(hex);
    AUTO_ERR e = NULL;
    size_t len = 0;
    AUTO_FREE char *text = blob_get(s->f.b, hex, SIZE_MAX / 2, &len, &e);
    assert_non_null(text);
    AUTO_JSON *all = json_parse(text, len, SIZE_MAX / 2, "all", &e);
    assert_int_equal(json_array_size(all), 4000);
}

static void a_format_that_nobody_reads_breaks_the_run(void **state)
{
    AUTO_RUN_SCENE s = scene_with("results: tap");

    (void)state;
    s->site.result_formats = NULL;
    expect_broken(s, ERR_INVALID, "check 'suite/all': nobody here reads the format 'tap'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_and_status_count_both),
        cmocka_unit_test(without_a_format_the_status_counts),
        cmocka_unit_test(an_empty_or_foreign_report_fails),
        cmocka_unit_test(a_report_that_was_cut_off_fails),
        cmocka_unit_test(a_test_that_regresses_fails_the_run),
        cmocka_unit_test(a_test_that_fails_once_is_flaky),
        cmocka_unit_test(a_test_that_is_gone_is_missing),
        cmocka_unit_test(a_report_in_a_file_is_read),
        cmocka_unit_test(a_suite_without_a_word_fails),
        cmocka_unit_test(a_large_suite_stays_readable),
        cmocka_unit_test(a_format_that_nobody_reads_breaks_the_run),
    };

    return cmocka_run_group_tests_name("check-results", tests, NULL, NULL);
}
