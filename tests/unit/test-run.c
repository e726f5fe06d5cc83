/* A run from its creation to its verdict, whatever the lab does on the way. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "fakes/run_scene.h"

static void nothing_wrong_is_a_pass(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    AUTO_FREE char *kinds = strv_join(&s->kinds, " ");
    assert_true(str_starts(kinds, "run.state lab run.state "));
    assert_true(str_ends(kinds, " run.state run.state run.verdict"));
    AUTO_JSON *j = scene_run(s);
    const json_t *summary = json_object_get(j, "summary");
    assert_true(json_is_true(json_object_get(summary, "applied")));
    assert_int_equal(json_array_size(json_object_get(summary, "checks")), 8);
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(summary, "packages"), "changed")), 1);
    assert_string_equal(json_str_at(json_object_get(j, "image"), "name"), "web");
    assert_string_equal(json_str_at(json_object_get(j, "patch"), "version"), "3.0");
    assert_int_equal(json_array_size(json_object_get(j, "testcases")), 1);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence WHERE kind = 'check'"), 6);
    /* What is only worth showing is no evidence. */
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence"
                                          " WHERE kind IN ('check.start', 'lane.finished')"),
                     0);
    assert_true(strv_has(&s->kinds, "check.start"));
    assert_false(strv_has(&s->kinds, "lane.finished"));
}

static void a_regression_fails(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .patched = true });
    expect_verdict(s, VERDICT_FAIL);
    expect_reason(s, "check 'shop/a' passed before and fails with the patch at stage 'patched'");
}

static void a_known_failure_does_not(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .exit = 1 });
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "check 'shop/a' fails without the patch too");
}

static void a_skip_on_one_side_needs_a_person(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 77, .patched = true });
    expect_verdict(s, VERDICT_REVIEW);
}

static void a_patch_that_cannot_be_applied_fails(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/apply", .exit = 100 });
    expect_verdict(s, VERDICT_FAIL);
    expect_reason(s, "the patch could not be applied: it ended with exit status 100");
}

static void a_run_needs_a_testcase(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_TESTCASE_LIST none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(scene_create(s, &none, &e), -1);
    expect_err(ERR_INVALID, "no testcase applies to image 'web'", &e);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM run"), 1);
}

static void what_was_created_is_what_runs(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_FREE char *shop = path_join(s->f.dir, "shop");
    AUTO_FREE char *patch = path_join(s->f.dir, "patch");
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dir_remove(shop, &e) == 0 && dir_remove(patch, &e) == 0, &e);
    expect_verdict(s, VERDICT_PASS);
}

static void a_run_is_executed_once(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    enum verdict v;
    AUTO_ERR e = NULL;

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    assert_int_equal(scene_execute(s, &v, &e), -1);
    expect_err(ERR_CONFLICT, "run 1: it has ended already", &e);
    s->id = 7;
    assert_int_equal(scene_execute(s, &v, &e), -1);
    expect_err(ERR_NOT_FOUND, "run 7: there is no such run", &e);
    assert_null(run_json(&s->site, 7, &e));
    expect_err(ERR_NOT_FOUND, "there is no run 7", &e);
}

static void runs_are_listed_the_newest_first(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_ERR e = NULL;

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    run_scene_again(s);
    AUTO_JSON *all = run_list(&s->site, 0, &e), *one = run_list(&s->site, 1, &e);
    assert_int_equal(json_array_size(all), 2);
    assert_int_equal(json_array_size(one), 1);
    assert_int_equal(json_int_at(json_array_get(one, 0), "id"), 2);
    assert_true(json_is_null(json_object_get(json_array_get(one, 0), "verdict")));
    assert_string_equal(json_str_at(json_array_get(all, 1), "verdict"), "pass");
}

/* --- before the lanes ----------------------------------------------------------------------- */

static void a_removed_disk_breaks_it(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fixture_raw(&s->f, "UPDATE image SET removed = 5");
    expect_broken(s, ERR_NOT_FOUND, "the disk of image 'web' was removed");
    assert_int_equal(s->lab.lanes[LANE_BASELINE].calls.len, 0);
}

static void a_missing_file_breaks_it(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    char hex[DIGEST_HEX_SIZE];

    (void)state;
    digest_mem("not really", 10, hex);
    AUTO_FREE char *blob = blob_path(s->f.b, hex);
    assert_int_equal(remove(blob), 0);
    expect_broken(s, ERR_NOT_FOUND, "write the payload disc: there is no");
    assert_int_equal(s->lab.lanes[LANE_BASELINE].calls.len, 0);
}

static void an_image_that_does_not_fit_breaks_it(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fixture_raw(&s->f, "UPDATE image SET spec = json_set(spec, '$.memory', 1 << 50)");
    expect_broken(s, ERR_NO_ROOM, "the host has no memory for a clone");
}

/* --- the n-th call fails -------------------------------------------------------------------- */

static void fail_call(struct run_scene *s, enum lane lane, int n, enum err_code code,
                      const char *name, bool lost)
{
    AUTO_FREE char *what = xasprintf("scripted failure of '%s'", name);

    run_scene_again(s);
    s->lab.lanes[lane].fail_at = n;
    s->lab.lanes[lane].code = code;
    if (!lost)
        expect_broken(s, code, what);
    else if (lane == LANE_CANDIDATE)
        expect_verdict(s, VERDICT_FAIL);
    else /* there is nothing to compare the patched guest with */
        expect_verdict(s, VERDICT_REVIEW);
}

static void every_call_fails_in_turn(enum lane lane)
{
    static const enum err_code codes[] = { ERR_GUEST, ERR_IO };
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_STRV calls = { 0 };
    const struct fake_lane *l = &s->lab.lanes[lane];

    expect_verdict(s, VERDICT_PASS);
    for (size_t i = 0; i < l->calls.len; i++)
        strv_add(&calls, l->calls.ptr[i]);
    int result_from = fake_lane_call(l, lane == LANE_CANDIDATE ? "exec:apply" : "reboot");
    assert_true(result_from > 0);
    for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
        for (int n = 1; n <= (int)calls.len; n++)
            fail_call(s, lane, n, codes[c], calls.ptr[n - 1],
                      codes[c] == ERR_GUEST && n >= result_from);
    }
}

static void every_call_of_the_baseline_fails_in_turn(void **state)
{
    (void)state;
    every_call_fails_in_turn(LANE_BASELINE);
}

static void every_call_of_the_candidate_fails_in_turn(void **state)
{
    (void)state;
    every_call_fails_in_turn(LANE_CANDIDATE);
}

static void a_lane_that_breaks_stops_the_other(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    s->lab.lanes[LANE_CANDIDATE].fail_at = 2;
    s->lab.lanes[LANE_CANDIDATE].code = ERR_NO_ROOM;
    expect_broken(s, ERR_NO_ROOM, "lane 'candidate', step 'boot'"); /* not "interrupted" */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_wrong_is_a_pass),
        cmocka_unit_test(a_regression_fails),
        cmocka_unit_test(a_known_failure_does_not),
        cmocka_unit_test(a_skip_on_one_side_needs_a_person),
        cmocka_unit_test(a_patch_that_cannot_be_applied_fails),
        cmocka_unit_test(a_run_needs_a_testcase),
        cmocka_unit_test(what_was_created_is_what_runs),
        cmocka_unit_test(a_run_is_executed_once),
        cmocka_unit_test(runs_are_listed_the_newest_first),
        cmocka_unit_test(a_removed_disk_breaks_it),
        cmocka_unit_test(a_missing_file_breaks_it),
        cmocka_unit_test(an_image_that_does_not_fit_breaks_it),
        cmocka_unit_test(every_call_of_the_baseline_fails_in_turn),
        cmocka_unit_test(every_call_of_the_candidate_fails_in_turn),
        cmocka_unit_test(a_lane_that_breaks_stops_the_other),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
