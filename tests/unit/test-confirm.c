/* A difference is looked at again on fresh clones before it counts. */
#include <string.h>

#include "base/mem.h"
#include "fakes/run_scene.h"

static struct run_scene *scene_with_confirm(int confirm)
{
    struct run_scene *s = run_scene_new();

    s->options.confirm = confirm;
    run_scene_again(s);
    return s;
}

static void expect_clones(struct run_scene *s, int n)
{
    for (int i = 0; i < LANE_MAX_; i++) {
        assert_int_equal(s->lab.lanes[i].clones, n);
        assert_int_equal(s->lab.lanes[i].destroyed, n);
    }
}

static const json_t *row_of(const json_t *run, const char *check, const char *point)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(json_object_get(run, "summary"), "checks"), i, row)
    {
        if (str_eq(json_str_at(row, "check"), check) && str_eq(json_str_at(row, "point"), point))
            return row;
    }
    fail_msg("no row of '%s'", check);
    return NULL;
}

static void what_passes_is_not_tried_again(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(3);

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    expect_clones(s, 1);
}

static void what_comes_again_is_a_regression(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(2);

    (void)state;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .patched = true });
    expect_verdict(s, VERDICT_FAIL);
    expect_clones(s, 3);
    expect_reason(s, "with the patch it failed 3 of 3 times, without 0 of 3");
    assert_int_equal(
        fixture_count(&s->f, "SELECT count(*) FROM evidence WHERE kind = 'run.confirm'"), 2);
    AUTO_JSON *run = scene_run(s);
    const json_t *rounds = json_object_get(row_of(run, "a", "patched"), "rounds");
    assert_int_equal(json_int_at(rounds, "count"), 3);
    assert_int_equal(json_int_at(json_object_get(rounds, "after"), "fail"), 3);
    assert_int_equal(json_int_at(json_object_get(rounds, "before"), "pass"), 3);
    assert_null(json_object_get(row_of(run, "b", "rebooted"), "rounds"));
}

static void what_does_not_come_again_is_flaky(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(3);

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){
                                 .part = "checks/a", .exit = 1, .patched = true, .clone = 1 });
    expect_verdict(s, VERDICT_REVIEW);
    expect_clones(s, 2);
    expect_reason(s, "does not give the same result twice at stage 'patched': with the patch it "
                     "failed 1 of 2 times, without 0 of 2");
}

/* The candidate always fails, but once the baseline did, too: nobody knows that it is the patch. */
static void a_baseline_that_wavers_is_flaky(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(1);

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .exit = 1, .clone = 2 });
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .patched = true });
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "with the patch it failed 2 of 2 times, without 1 of 2");
}

/* As far as the last difference: here nothing differs after the reboot. */
static void a_round_goes_no_further_than_it_must(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(1);

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .rebooted = true });
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .patched = true });
    expect_verdict(s, VERDICT_FAIL);
    expect_clones(s, 2);
    assert_int_equal(s->lab.lanes[LANE_CANDIDATE].reboots, 0); /* of the second clone */
}

static void what_does_not_apply_is_tried_again(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(1);

    (void)state;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "/fake/apply", .exit = 100, .clone = 1 });
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "the patch could be applied in 1 of 2 tries: it ended with exit status 100");
    run_scene_again(s);
    s->lab.answer_count = 0;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/apply", .exit = 100 });
    expect_verdict(s, VERDICT_FAIL);
}

static void a_run_may_end_before_the_reboot(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    s->options.last = POINT_FIRST;
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    assert_int_equal(s->lab.lanes[LANE_CANDIDATE].reboots, 0);
    assert_int_equal(s->lab.lanes[LANE_BASELINE].reboots, 0);
}

/* Whatever call fails in a round that confirms: the run ends, and no clone stays. */
static void a_lab_that_fails_while_confirming_is_broken(void **state)
{
    AUTO_RUN_SCENE s = scene_with_confirm(1);

    (void)state;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .patched = true });
    expect_verdict(s, VERDICT_FAIL);
    int calls = (int)s->lab.lanes[LANE_CANDIDATE].calls.len;
    int first = calls / 2 + 2; /* safely in the second round */
    for (int n = first; n <= calls; n += 3) {
        run_scene_again(s);
        s->lab.lanes[LANE_CANDIDATE].fail_at = n;
        s->lab.lanes[LANE_CANDIDATE].code = ERR_IO;
        expect_verdict(s, VERDICT_BROKEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passes_is_not_tried_again),
        cmocka_unit_test(what_comes_again_is_a_regression),
        cmocka_unit_test(what_does_not_come_again_is_flaky),
        cmocka_unit_test(a_baseline_that_wavers_is_flaky),
        cmocka_unit_test(a_round_goes_no_further_than_it_must),
        cmocka_unit_test(what_does_not_apply_is_tried_again),
        cmocka_unit_test(a_run_may_end_before_the_reboot),
        cmocka_unit_test(a_lab_that_fails_while_confirming_is_broken),
    };

    return cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
}
