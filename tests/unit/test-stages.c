/* Stages and the proof of reversal: which lane goes where, what counts, and what is only told. */
#include <string.h>

#include "base/mem.h"
#include "fakes/run_scene.h"

static struct run_scene *scene_with(int confirm, struct gates gates)
{
    struct run_scene *s = run_scene_new();

    s->options.last = POINT_ROLLED_BACK;
    s->options.confirm = confirm;
    s->options.gates = gates;
    run_scene_again(s);
    return s;
}

static struct run_scene *scene_new(int confirm)
{
    return scene_with(confirm, (struct gates)GATES_DEFAULT);
}

static void uses(struct run_scene *s, const char *processes)
{
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/stale", .restarted = true });
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/stale", .output = processes });
}

/* The class of a check at a stage; NULL: it has no row there. */
static const char *class_at(const json_t *run, const char *check, const char *point)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(json_object_get(run, "summary"), "checks"), i, row)
    {
        if (str_eq(json_str_at(row, "check"), check) && str_eq(json_str_at(row, "point"), point))
            return json_str_at(row, "class");
    }
    return NULL;
}

static void expect_class(struct run_scene *s, const char *check, const char *point,
                         const char *class)
{
    AUTO_JSON *run = scene_run(s);
    const char *found = class_at(run, check, point);

    if (!str_eq(found, class))
        fail_msg("'%s' at '%s' is '%s', but expected '%s'", check, point, found ? found : "nothing",
                 class ? class : "nothing");
}

/* A member of the summary's "restart" or "rollback"; the run is the caller's. */
static const json_t *fact(const json_t *run, const char *object, const char *key)
{
    const json_t *summary = json_object_get(run, "summary");

    return json_object_get(json_object_get(summary, object), key);
}

static void expect_calls(struct run_scene *s, enum lane lane, const char *expected)
{
    AUTO_FREE char *calls = strv_join(&s->lab.lanes[lane].calls, " ");

    assert_string_equal(calls, expected);
}

static void the_candidate_goes_through_all(void **state)
{
    AUTO_RUN_SCENE s = scene_new(1);

    (void)state;
    uses(s, "nginx cron !dbus");
    expect_verdict(s, VERDICT_PASS);
    expect_calls(s, LANE_BASELINE,
                 "clone wait exec:ready exec:list mount exec:a "
                 "reboot exec:ready mount exec:a mount exec:b");
    expect_calls(s, LANE_CANDIDATE,
                 "clone wait exec:ready exec:list exec:state mount exec:apply exec:state exec:list "
                 "mount exec:a exec:stale exec:restart exec:stale exec:ready mount exec:a "
                 "reboot exec:ready mount exec:a mount exec:b "
                 "mount exec:undo exec:list exec:ready mount exec:a");
    expect_class(s, "a", "restarted", "ok");
    expect_class(s, "a", "rolled-back", "ok");
    expect_class(s, "b", "rolled-back", NULL);
    expect_reason(s, "reversible by a downgrade of its packages in ");
    expect_reason(s, "2 services used replaced files and were restarted");
    AUTO_JSON *run = scene_run(s);
    assert_int_equal(json_array_size(fact(run, "restart", "units")), 2);
    assert_int_equal(json_int_at(fact(run, "restart", "before"), "count"), 3);
    assert_int_equal(json_int_at(fact(run, "restart", "after"), "count"), 0);
    assert_true(json_is_true(fact(run, "rollback", "possible")));
    assert_true(json_is_true(fact(run, "rollback", "ok")));
    assert_int_equal(
        json_array_size(json_object_get(fact(run, "rollback", "left_behind"), "changed")), 0);
    assert_int_equal(fixture_count(&s->f,
                                   "SELECT count(*) FROM evidence WHERE kind IN ('lane.stale',"
                                   " 'lane.restarted', 'patch.undone')"),
                     4);
}

static void what_uses_nothing_old_is_not_restarted(void **state)
{
    static const char *const processes[] = { "", "!dbus" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(processes); i++) {
        AUTO_RUN_SCENE s = scene_new(1);

        uses(s, processes[i]);
        expect_verdict(s, VERDICT_PASS);
        assert_int_equal(fake_lane_call(&s->lab.lanes[LANE_CANDIDATE], "exec:restart"), 0);
        expect_class(s, "a", "restarted", NULL);
        expect_class(s, "a", "rolled-back", "ok");
        AUTO_JSON *run = scene_run(s);
        assert_int_equal(json_int_at(fact(run, "restart", "after"), "count"), (int)i);
        if (i)
            expect_reason(s, "1 process uses replaced files until the next reboot: dbus");
    }
}

static void a_patch_that_is_not_applied_ends_early(void **state)
{
    AUTO_RUN_SCENE s = scene_new(0);

    (void)state;
    uses(s, "nginx");
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/apply", .exit = 1 });
    expect_verdict(s, VERDICT_FAIL);
    assert_int_equal(fake_lane_call(&s->lab.lanes[LANE_CANDIDATE], "exec:stale"), 0);
    assert_int_equal(fake_lane_call(&s->lab.lanes[LANE_CANDIDATE], "exec:undo"), 0);
    AUTO_JSON *run = scene_run(s);
    assert_true(json_is_null(json_object_get(json_object_get(run, "summary"), "rollback")));
    assert_true(json_is_null(json_object_get(json_object_get(run, "summary"), "restart")));
    expect_class(s, "a", "rebooted", "ok");
    expect_class(s, "a", "rolled-back", NULL);
}

/* The same failure at each stage, by each gate. */
static void a_gate_says_what_counts(void **state)
{
    static const enum verdict verdicts[] = {
        [GATE_FAIL] = VERDICT_FAIL,
        [GATE_REVIEW] = VERDICT_REVIEW,
        [GATE_NOTE] = VERDICT_PASS,
    };
    static const struct fake_answer answers[] = {
        [POINT_FIRST] = { .part = "checks/a", .exit = 1, .patched = true },
        [POINT_RESTARTED] = { .part = "checks/a", .exit = 1, .restarted = true },
        [POINT_REBOOTED] = { .part = "/bin/b", .exit = 1, .patched = true },
        [POINT_ROLLED_BACK] = { .part = "checks/a", .exit = 1, .undone = true },
    };

    (void)state;
    for (int point = 0; point < POINT_MAX_; point++) {
        for (int level = 0; level < GATE_MAX_; level++) {
            struct gates gates = { { GATE_NOTE, GATE_NOTE, GATE_NOTE, GATE_NOTE } };
            gates.level[point] = level;
            AUTO_RUN_SCENE s = scene_with(1, gates);

            uses(s, "nginx");
            fake_lab_answer(&s->lab, answers[point]);
            expect_verdict(s, verdicts[level]);
            expect_reason(s, point == POINT_ROLLED_BACK ? "fails once the patch is undone"
                                                        : "passed before and fails with the patch");
            expect_class(s, point == POINT_REBOOTED ? "b" : "a", point_names[point], "regression");
            AUTO_JSON *run = scene_run(s);
            const json_t *summary = json_object_get(run, "summary");
            AUTO_FREE char *causes = json_canonical(json_object_get(summary, "causes"));
            assert_string_equal(causes, level == GATE_FAIL     ? "[\"regression\"]"
                                        : level == GATE_REVIEW ? "[\"review-regression\"]"
                                                               : "[]");
        }
    }
}

/* Each second time it fails, patched or not: only rounds that confirm find that out. */
static void what_cannot_be_run_twice_is_flaky(void **state)
{
    static const int restarted[] = { POINT_RESTARTED, POINT_ROLLED_BACK };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(restarted); i++) {
        AUTO_RUN_SCENE s = scene_new(1);
        int from = restarted[i] == POINT_RESTARTED ? 2 : 3;

        if (restarted[i] == POINT_RESTARTED)
            uses(s, "nginx");
        fake_lab_answer(&s->lab,
                        (struct fake_answer){ .part = "checks/a", .exit = 1, .from = from });
        expect_verdict(s, VERDICT_REVIEW);
        expect_class(s, "a", point_names[restarted[i]], "flaky");
        expect_reason(s, "does not give the same result twice");
    }
}

/* In a round that confirms, the baseline passes again where the candidate fails again. */
static void a_regression_by_the_restart_is_confirmed(void **state)
{
    AUTO_RUN_SCENE s = scene_new(1);

    (void)state;
    uses(s, "nginx");
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "checks/a", .exit = 1, .restarted = true });
    expect_verdict(s, VERDICT_FAIL);
    expect_class(s, "a", "patched", "ok");
    expect_class(s, "a", "restarted", "regression");
    expect_reason(s, "at stage 'restarted': with the patch it failed 2 of 2 times, without 0 of 2");
}

static void a_restart_that_fails_counts_by_its_gate(void **state)
{
    static const struct {
        struct fake_answer answer;
        const char *reason;
    } table[] = {
        { { .part = "/fake/restart", .exit = 1, .output = "cannot restart nginx.service\n" },
          "services could not be restarted: cannot restart nginx.service" },
        { { .part = "/fake/restart", .timed_out = true },
          "services could not be restarted: it did not end in time" },
        { { .part = "/fake/stale", .output = "?" }, "the list is not understood" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        for (int level = 0; level < GATE_MAX_; level++) {
            struct gates gates = GATES_DEFAULT;
            gates.level[POINT_RESTARTED] = level;
            AUTO_RUN_SCENE s = scene_with(0, gates);

            fake_lab_answer(&s->lab, table[i].answer);
            uses(s, "nginx");
            expect_verdict(s, level == GATE_FAIL     ? VERDICT_FAIL
                              : level == GATE_REVIEW ? VERDICT_REVIEW
                                                     : VERDICT_PASS);
            expect_reason(s, table[i].reason);
        }
    }
}

static void an_undo_that_fails_counts_by_its_gate(void **state)
{
    (void)state;
    for (int level = 0; level < GATE_MAX_; level++) {
        struct gates gates = GATES_DEFAULT;
        gates.level[POINT_ROLLED_BACK] = level;
        AUTO_RUN_SCENE s = scene_with(0, gates);

        fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/undo", .exit = 3 });
        expect_verdict(s, level == GATE_FAIL     ? VERDICT_FAIL
                          : level == GATE_REVIEW ? VERDICT_REVIEW
                                                 : VERDICT_PASS);
        expect_reason(s, "the patch could not be undone by a downgrade of its packages: it ended "
                         "with exit status 3");
        expect_class(s, "a", "rolled-back", "ok"); /* it is looked at all the same */
    }
}

/* Without a way back only the strictest gate is closed. */
static void no_way_back_is_told(void **state)
{
    (void)state;
    for (int level = 0; level < GATE_MAX_; level++) {
        struct gates gates = GATES_DEFAULT;
        gates.level[POINT_ROLLED_BACK] = level;
        AUTO_RUN_SCENE s = scene_with(0, gates);

        fake_lab_answer(&s->lab,
                        (struct fake_answer){ .part = "/fake/undo", .output = "impossible" });
        expect_verdict(s, level == GATE_FAIL ? VERDICT_FAIL : VERDICT_PASS);
        expect_reason(s, "only by restoring the VM: nobody kept the old packages");
        expect_class(s, "a", "rolled-back", NULL);
        AUTO_JSON *run = scene_run(s);
        assert_true(json_is_false(fact(run, "rollback", "possible")));
    }
}

static void what_stays_behind_is_listed(void **state)
{
    AUTO_RUN_SCENE s = scene_new(0);

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/fake/undo", .output = "partly" });
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "; 1 package stays otherwise than before");
    AUTO_JSON *run = scene_run(s);
    const json_t *changed = json_object_get(fact(run, "rollback", "left_behind"), "changed");
    assert_int_equal(json_array_size(changed), 1);
    assert_string_equal(json_str_at(json_array_get(changed, 0), "name"), "openssl");
}

/* A reboot that the baseline does not survive either is not the patch's fault. */
static void a_check_of_one_stage_has_its_base(void **state)
{
    AUTO_RUN_SCENE s = scene_new(0);

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/bin/b", .exit = 1, .rebooted = true });
    expect_verdict(s, VERDICT_PASS);
    expect_class(s, "b", "rebooted", "known-failure");
    expect_reason(s, "fails without the patch too at stage 'rebooted'");
}

static void every_call_after_the_patch_may_lose_the_guest(void **state)
{
    AUTO_RUN_SCENE s = scene_new(0);

    (void)state;
    uses(s, "nginx");
    expect_verdict(s, VERDICT_PASS);
    const struct fake_lane *l = &s->lab.lanes[LANE_CANDIDATE];
    int from = fake_lane_call(l, "exec:stale"), undo = fake_lane_call(l, "exec:undo");
    for (int n = from, calls = (int)l->calls.len; n <= calls; n++) {
        run_scene_again(s);
        s->lab.lanes[LANE_CANDIDATE].fail_at = n;
        s->lab.lanes[LANE_CANDIDATE].code = ERR_GUEST;
        expect_verdict(s, n >= undo - 1 ? VERDICT_REVIEW : VERDICT_FAIL);
        if (n < undo - 1) /* what only the candidate has is not missed */
            expect_class(s, "a", "rolled-back", NULL);
        if (n == undo)
            expect_reason(s, "the guest was lost while the patch was undone");
        run_scene_again(s);
        s->lab.lanes[LANE_CANDIDATE].fail_at = n;
        s->lab.lanes[LANE_CANDIDATE].code = ERR_IO;
        expect_broken(s, ERR_IO, "scripted failure");
    }
}

static void gates_are_what_the_record_says(void **state)
{
    struct gates g = GATES_DEFAULT;

    (void)state;
    AUTO_JSON *j = gates_json(&g);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, "{\"patched\":\"fail\",\"rebooted\":\"fail\",\"restarted\":\"fail\","
                              "\"rolled-back\":\"review\"}");
    AUTO_JSON *other = json_pack("{s:s, s:s, s:i}", "patched", "note", "rebooted", "what?",
                                 "restarted", 1);
    g = gates_from_json(other);
    assert_int_equal(g.level[POINT_FIRST], GATE_NOTE);
    assert_int_equal(g.level[POINT_RESTARTED], GATE_FAIL);
    assert_int_equal(g.level[POINT_REBOOTED], GATE_FAIL);
    assert_int_equal(g.level[POINT_ROLLED_BACK], GATE_REVIEW);
    g = gates_from_json(NULL);
    assert_int_equal(g.level[POINT_ROLLED_BACK], GATE_REVIEW);
}

static void points_have_a_base(void **state)
{
    (void)state;
    assert_int_equal(points_until(POINT_FIRST), 1);
    assert_int_equal(points_until(POINT_ROLLED_BACK), (1 << POINT_MAX_) - 1);
    assert_int_equal(point_group(POINT_FIRST), 1 << POINT_FIRST | 1 << POINT_RESTARTED);
    assert_int_equal(point_group(POINT_REBOOTED), 1 << POINT_REBOOTED | 1 << POINT_ROLLED_BACK);
    assert_int_equal(point_group(POINT_RESTARTED), 0);
    assert_string_equal(stage_name(LANE_BASELINE, POINT_RESTARTED), "as-is again");
    assert_string_equal(stage_name(LANE_BASELINE, POINT_ROLLED_BACK), "rebooted again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_candidate_goes_through_all),
        cmocka_unit_test(what_uses_nothing_old_is_not_restarted),
        cmocka_unit_test(a_patch_that_is_not_applied_ends_early),
        cmocka_unit_test(a_gate_says_what_counts),
        cmocka_unit_test(what_cannot_be_run_twice_is_flaky),
        cmocka_unit_test(a_regression_by_the_restart_is_confirmed),
        cmocka_unit_test(a_restart_that_fails_counts_by_its_gate),
        cmocka_unit_test(an_undo_that_fails_counts_by_its_gate),
        cmocka_unit_test(no_way_back_is_told),
        cmocka_unit_test(what_stays_behind_is_listed),
        cmocka_unit_test(a_check_of_one_stage_has_its_base),
        cmocka_unit_test(every_call_after_the_patch_may_lose_the_guest),
        cmocka_unit_test(gates_are_what_the_record_says),
        cmocka_unit_test(points_have_a_base),
    };

    return cmocka_run_group_tests_name("stages", tests, NULL, NULL);
}
