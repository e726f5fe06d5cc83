/* Unexplained changes from the lanes to the gate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "core/changes.h"
#include "core/signoff.h"
#include "fakes/fake_observer.h"
#include "fakes/run_scene.h"

#define BASE "package openssl = 1\nuser root = 0\n"
#define PATCHED "package openssl = 2\nuser root = 0\n"

static struct run_scene *scene(void)
{
    struct run_scene *s = run_scene_new();

    s->site.observer = &fake_observer;
    s->options.observe = true;
    run_scene_again(s);
    return s;
}

/* What the guests of both lanes say; the first answers that fit count. */
static void answer(struct run_scene *s, const char *patched, const char *untouched)
{
    s->lab.answer_count = 0;
    fake_lab_answer(&s->lab, (struct fake_answer){
                                 .part = "/fake/observe", .patched = true, .output = patched });
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/observe", .output = untouched });
}

static json_t *changes(struct run_scene *s)
{
    AUTO_ERR e = NULL;
    json_t *j = changes_of_run(s->f.s, s->id, &e);

    expect_ok(j, &e);
    return j;
}

static void expect_count(struct run_scene *s, const char *key, int64_t n)
{
    AUTO_JSON *j = changes(s);

    assert_int_equal(json_int_at(j, key), n);
}

static void expect_causes(struct run_scene *s, const char *want)
{
    AUTO_JSON *run = scene_run(s);
    const json_t *summary = json_object_get(run, "summary");
    AUTO_FREE char *causes = json_canonical(json_object_get(summary, "causes"));

    assert_string_equal(causes, want);
}

static size_t acknowledge(struct run_scene *s, const char *item, const char *person)
{
    AUTO_STRV items = { 0 };
    AUTO_ERR e = NULL;
    size_t count = 0;

    if (item)
        strv_add(&items, item);
    expect_ok(changes_acknowledge(s->f.s, s->id, &items, person, "CHG-1", &count, &e) == 0, &e);
    return count;
}

static void expect_refused(struct run_scene *s, const char *item, const char *person,
                           const char *remark, enum err_code code, const char *part)
{
    AUTO_STRV items = { 0 };
    AUTO_ERR e = NULL;
    size_t count = 77;

    if (item)
        strv_add(&items, item);
    assert_int_equal(changes_acknowledge(s->f.s, s->id, &items, person, remark, &count, &e), -1);
    expect_err(code, part, &e);
    assert_int_equal(count, 77);
}

static bool gate(struct run_scene *s, const char *part)
{
    AUTO_STRV missing = { 0 };
    AUTO_ERR e = NULL;
    int open = signoff_gate(s->f.s, s->id, &missing, &e);

    expect_ok(open >= 0, &e);
    AUTO_FREE char *all = strv_join(&missing, "; ");
    if (part && !strstr(all, part))
        fail_msg("'%s' lacks '%s'", all, part);
    return open == 1;
}

static void approve(struct run_scene *s, enum role role, const char *person)
{
    AUTO_ERR e = NULL;

    expect_ok(signoff_add(s->f.s, s->id, role, person, DECISION_APPROVE, NULL, &e) == 0, &e);
}

static void what_the_patch_explains_passes(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, PATCHED "file /usr/bin/openssl = new\nowner openssl /usr/bin/openssl\n",
           BASE "file /usr/bin/openssl = old\n");
    /* Its manifest names no package, so that openssl changed is not explained. */
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "1 change is not explained by the patch: package 'openssl' is changed");
    scene_set_manifest(s, "packages", json_pack("[{s:s}]", "name", "openssl"));
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "nothing else changed that the patch does not explain");
    AUTO_JSON *j = changes(s);
    assert_int_equal(json_array_size(json_object_get(j, "explained")), 2);
    assert_true(json_is_true(json_object_get(j, "observed")));
}

static void one_more_untouched_clone_is_asked_once(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE "user ann = 1\n", BASE);
    expect_verdict(s, VERDICT_REVIEW);
    assert_int_equal(s->lab.lanes[LANE_BASELINE].clones, 2);
    assert_int_equal(s->lab.lanes[LANE_CANDIDATE].clones, 1);
    assert_true(strv_has(&s->kinds, "run.untouched"));
    expect_count(s, "baselines", 2);
    expect_reason(s, "user 'ann' is new");
    expect_causes(s, "[\"changes\"]");
    run_scene_again(s);
    expect_verdict(s, VERDICT_REVIEW);
    assert_int_equal(s->lab.lanes[LANE_BASELINE].clones, 1);
    expect_count(s, "baselines", 3);
}

static void nothing_open_asks_no_other_clone(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE, BASE);
    expect_verdict(s, VERDICT_PASS);
    assert_int_equal(s->lab.lanes[LANE_BASELINE].clones, 1);
    expect_count(s, "baselines", 1);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence WHERE kind ="
                                          " 'lane.observed'"),
                     2);
}

static void a_patch_that_fails_asks_no_other_clone(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE "user ann = 1\n", BASE);
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .patched = true });
    expect_verdict(s, VERDICT_FAIL);
    assert_int_equal(s->lab.lanes[LANE_BASELINE].clones, 1);
    expect_count(s, "open", 1);
    assert_false(gate(s, "the verdict is 'fail'"));
}

static void what_differs_between_untouched_clones_is_noise(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    s->lab.answer_count = 0;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "/fake/observe",
                                          .patched = true,
                                          .output = BASE "file /seed = 3\nfile /new = 1\n" });
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/observe",
                                                   .clone = 2,
                                                   .output = BASE "file /seed = 2\n" });
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/observe",
                                                   .output = BASE "file /seed = 1\n" });
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "1 change is not explained by the patch: file '/new' is new");
    expect_count(s, "noise", 1);
    expect_count(s, "open", 1);
}

static void owners_take_changes_on(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE "user ann = 1\nuser bob = 2\n", BASE);
    expect_verdict(s, VERDICT_REVIEW);
    approve(s, ROLE_OWNER, "olga");
    approve(s, ROLE_GATEKEEPER, "gero");
    assert_false(gate(s, "2 changes nobody has acknowledged: 'patchlab run changes"));
    AUTO_JSON *j = changes(s);
    const char *id = json_str_at(json_array_get(json_object_get(j, "items"), 0), "item");
    AUTO_FREE char *head = xstrndup(id, 6);

    expect_refused(s, head, "olga", NULL, ERR_INVALID, "needs a remark");
    expect_refused(s, head, "olga", " \n", ERR_INVALID, "needs a remark");
    expect_refused(s, head, "\033", "CHG", ERR_INVALID, "is no name of a person");
    expect_refused(s, head, "Gero", "CHG", ERR_DENIED, "in another role than owner");
    expect_refused(s, "zzzzzz", "olga", "CHG", ERR_NOT_FOUND, "has no change 'zzzzzz'");
    expect_refused(s, "", "olga", "CHG", ERR_NOT_FOUND, "has no change ''");
    AUTO_FREE char *three = xstrndup(id, 3);
    expect_refused(s, three, "olga", "CHG", ERR_NOT_FOUND, "has no change");

    assert_int_equal(acknowledge(s, head, "olga"), 1);
    assert_int_equal(acknowledge(s, head, "olga"), 0); /* again: nothing new */
    assert_false(gate(s, "1 change nobody has acknowledged"));
    assert_int_equal(acknowledge(s, NULL, "otto"), 1);
    assert_true(gate(s, NULL));
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM queue WHERE state = 'ready'"), 1);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence"
                                          " WHERE kind = 'changes.acknowledged'"),
                     2);
    expect_refused(s, NULL, "olga", "CHG", ERR_CONFLICT, "no change to be acknowledged");
    expect_evidence(s);
    AUTO_JSON *run = scene_run(s);
    assert_string_equal(json_str_at(run, "verdict"), "review");
}

static void who_acknowledged_is_no_gatekeeper(void **state)
{
    AUTO_RUN_SCENE s = scene();
    AUTO_ERR e = NULL;

    (void)state;
    answer(s, BASE "user ann = 1\n", BASE);
    expect_verdict(s, VERDICT_REVIEW);
    acknowledge(s, NULL, "gero");
    assert_int_equal(
        signoff_add(s->f.s, s->id, ROLE_GATEKEEPER, "GERO", DECISION_APPROVE, NULL, &e), -1);
    expect_err(ERR_DENIED, "as owner already", &e);
    approve(s, ROLE_OWNER, "gero");
}

static void an_acknowledged_change_is_known_again(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE "user ann = 1\n", BASE);
    expect_verdict(s, VERDICT_REVIEW);
    acknowledge(s, NULL, "olga");
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "1 change was acknowledged in an earlier run");
    AUTO_JSON *j = changes(s);
    const json_t *item = json_array_get(json_object_get(j, "items"), 0);
    assert_string_equal(json_str_at(item, "state"), "acknowledged");
    assert_non_null(strstr(json_str_at(item, "why"), "by 'olga' in run"));
    /* Another value is another change. */
    answer(s, BASE "user ann = 0\n", BASE);
    run_scene_again(s);
    expect_verdict(s, VERDICT_REVIEW);
    expect_count(s, "open", 1);
}

static void another_reason_is_not_acknowledged_away(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE "user ann = 1\n", BASE);
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/list", .exit = 1 });
    expect_verdict(s, VERDICT_REVIEW); /* no package changed, too */
    expect_causes(s, "[\"no-change\",\"changes\"]");
    acknowledge(s, NULL, "olga");
    approve(s, ROLE_OWNER, "olga");
    approve(s, ROLE_GATEKEEPER, "gero");
    assert_false(gate(s, "the verdict is 'review', not 'pass'"));
}

static void a_guest_that_cannot_be_looked_at_needs_a_person(void **state)
{
    static const struct fake_answer answers[] = {
        { .part = "/fake/observe", .patched = true, .output = "gar\033bled\n" },
        { .part = "/fake/observe", .output = "garbled\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        AUTO_RUN_SCENE s = scene();
        fake_lab_answer(&s->lab, answers[i]);
        fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/observe", .output = BASE });
        expect_verdict(s, VERDICT_REVIEW);
        expect_reason(s, "nobody looked what the patch changes beyond the checks: what the guest");
        expect_causes(s, "[\"not-looked\"]");
        AUTO_JSON *j = changes(s);
        assert_false(json_is_true(json_object_get(j, "observed")));
        assert_false(json_is_true(json_object_get(j, "only_reason")));
        expect_refused(s, NULL, "olga", "CHG", ERR_CONFLICT, "no change");
    }
}

static void a_guest_that_is_lost_meanwhile_is_no_result(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE, BASE);
    expect_verdict(s, VERDICT_PASS);
    int call = fake_lane_call(&s->lab.lanes[LANE_CANDIDATE], "exec:observe");
    assert_true(call > 0);
    run_scene_again(s);
    s->lab.lanes[LANE_CANDIDATE].fail_at = call;
    s->lab.lanes[LANE_CANDIDATE].code = ERR_GUEST;
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "nobody looked what the patch changes");
    run_scene_again(s);
    s->lab.lanes[LANE_CANDIDATE].fail_at = call;
    s->lab.lanes[LANE_CANDIDATE].code = ERR_IO;
    expect_broken(s, ERR_IO, "step 'observe'");
    expect_refused(s, NULL, "olga", "CHG", ERR_CONFLICT, "no change");
}

static void nobody_looks_when_nobody_shall(void **state)
{
    AUTO_RUN_SCENE s = scene();

    (void)state;
    answer(s, BASE "user ann = 1\n", BASE);
    s->options.observe = false;
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "nobody looked what the patch changes beyond the checks: the run was told");
    assert_int_equal(fake_lane_call(&s->lab.lanes[LANE_CANDIDATE], "exec:observe"), 0);
}

static void too_many_changes_cannot_be_taken_on(void **state)
{
    AUTO_RUN_SCENE s = scene();
    AUTO_STR lines = STR_INIT(1 << 20);

    (void)state;
    for (int i = 0; i < CHANGES_KEPT + 5; i++)
        str_addf(&lines, "user u%d = 1\n", i);
    answer(s, lines.ptr, BASE);
    expect_verdict(s, VERDICT_REVIEW);
    expect_count(s, "more", 7); /* what the baseline has is gone, too */
    expect_refused(s, NULL, "olga", "CHG", ERR_CONFLICT, "more than 1000 unexplained changes");
}

static void a_run_without_verdict_has_no_changes(void **state)
{
    AUTO_RUN_SCENE s = scene();
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(changes_of_run(s->f.s, s->id, &e));
    expect_err(ERR_CONFLICT, "has no verdict yet", &e);
    assert_null(changes_of_run(s->f.s, 4711, &e));
    expect_err(ERR_NOT_FOUND, "there is no run 4711", &e);
    expect_refused(s, NULL, "olga", "CHG", ERR_CONFLICT, "has no verdict yet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_patch_explains_passes),
        cmocka_unit_test(one_more_untouched_clone_is_asked_once),
        cmocka_unit_test(nothing_open_asks_no_other_clone),
        cmocka_unit_test(a_patch_that_fails_asks_no_other_clone),
        cmocka_unit_test(what_differs_between_untouched_clones_is_noise),
        cmocka_unit_test(owners_take_changes_on),
        cmocka_unit_test(who_acknowledged_is_no_gatekeeper),
        cmocka_unit_test(an_acknowledged_change_is_known_again),
        cmocka_unit_test(another_reason_is_not_acknowledged_away),
        cmocka_unit_test(a_guest_that_cannot_be_looked_at_needs_a_person),
        cmocka_unit_test(a_guest_that_is_lost_meanwhile_is_no_result),
        cmocka_unit_test(nobody_looks_when_nobody_shall),
        cmocka_unit_test(too_many_changes_cannot_be_taken_on),
        cmocka_unit_test(a_run_without_verdict_has_no_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
