/* Why a verdict is as it is: the facts, and the screen that tells them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "core/cause.h"
#include "core/explain.h"
#include "fakes/run_scene.h"
#include "front/show_explain.h"

enum { SCREEN_LINES = 50 };

/* A run in which "checks/a" says this without and with the patch. */
static struct run_scene *scene_with(struct fake_answer without, struct fake_answer with,
                                    int confirm)
{
    struct run_scene *s = run_scene_new();

    without.part = with.part = "checks/a";
    with.patched = true;
    fake_lab_answer(&s->lab, with);
    fake_lab_answer(&s->lab, without);
    s->options = (struct run_options){ .confirm = confirm, .last = POINT_REBOOTED };
    run_scene_again(s);
    return s;
}

static json_t *explain(struct run_scene *s, size_t differences)
{
    AUTO_JSON *run = scene_run(s);
    AUTO_ERR e = NULL;
    json_t *x = explain_run(run, s->f.b, differences, 20, &e);

    expect_ok(x, &e);
    return x;
}

/* What the screen shows; the caller frees. */
static char *screen(struct run_scene *s, bool all)
{
    AUTO_FREE char *path = path_join(s->f.dir, "screen");
    AUTO_JSON *run = scene_run(s), *x = explain(s, 0);
    AUTO_ERR e = NULL;
    int out = dup(1);

    fflush(stdout);
    assert_non_null(freopen(path, "w", stdout));
    show_explain(run, x, all);
    fflush(stdout);
    assert_int_equal(dup2(out, 1), 1);
    close(out);
    char *text = file_read(path, 1 << 20, NULL, &e);
    expect_ok(text, &e);
    return text;
}

static void expect_shown(const char *screen, const char *part)
{
    if (!strstr(screen, part))
        fail_msg("the screen lacks '%s':\n%s", part, screen);
}

static size_t lines_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void a_regression_is_told_on_one_screen(void **state)
{
    AUTO_RUN_SCENE s = scene_with(
        (struct fake_answer){ .output = "GET /\nstatus 200\nbye\n" },
        (struct fake_answer){ .output = "GET /\nstatus 502\n\x1b[31mbye\n", .exit = 1 }, 1);

    (void)state;
    expect_verdict(s, VERDICT_FAIL);
    AUTO_JSON *x = explain(s, 1);
    const json_t *first = json_array_get(json_object_get(x, "differences"), 0);
    assert_string_equal(json_str_at(json_object_get(first, "diff"), "text"),
                        "@@ -1,3 +1,3 @@\n GET /\n-status 200\n-bye\n+status 502\n+\\x1b[31mbye\n");
    assert_int_equal(json_int_at(x, "more"), 1);
    AUTO_FREE char *text = screen(s, false);
    expect_shown(text, "verdict: fail\n");
    expect_shown(text, "regression: shop/a at stage 'patched'\n");
    expect_shown(text, "before pass, exit status 0, failed 0 of 2 times\n");
    expect_shown(text, "after  fail, exit status 1, failed 2 of 2 times\n");
    expect_shown(text, "   | +status 502\n   | +\\x1b[31mbye\n");
    expect_shown(text, "submitter   send a patch that leaves 'shop/a' passing\n"
                       "              -> 'pass'\n");
    expect_shown(text, "'shop/a' flaky\n              -> 'review'\n");
    expect_shown(text, "gatekeeper  nothing alone: only the verdict 'pass' opens the gate\n");
    assert_true(lines_of(text) <= SCREEN_LINES);
}

static void long_outputs_leave_the_screen_one(void **state)
{
    AUTO_STR was = STR_INIT(1 << 20), is = STR_INIT(1 << 20);

    (void)state;
    for (int i = 0; i < 5000; i++) {
        str_addf(&was, "line %d is long %0200d\n", i, i);
        str_addf(&is, "line %d is wrong %0200d\n", i, i);
    }
    AUTO_RUN_SCENE s = scene_with((struct fake_answer){ .output = was.ptr },
                                  (struct fake_answer){ .output = is.ptr, .exit = 1 }, 0);
    expect_verdict(s, VERDICT_FAIL);
    AUTO_FREE char *text = screen(s, false), *all = screen(s, true);
    expect_shown(text, " added in all\n");
    expect_shown(text, "   | -line ");
    expect_shown(text, "   | +line ");
    assert_true(lines_of(text) <= SCREEN_LINES);
    assert_true(lines_of(all) > lines_of(text));
}

static void a_flaky_check_is_the_owners(void **state)
{
    AUTO_RUN_SCENE s = scene_with((struct fake_answer){ 0 },
                                  (struct fake_answer){ .clone = 1, .exit = 1 }, 1);

    (void)state;
    expect_verdict(s, VERDICT_REVIEW);
    AUTO_FREE char *text = screen(s, false);
    expect_shown(text, "flaky: shop/a at stage 'patched'");
    expect_shown(text, "both printed the same");
    expect_shown(text, "owner       make 'shop/a' steady: ");
    expect_shown(text, "submitter   nothing alone\n");
}

static void what_passes_needs_no_change(void **state)
{
    AUTO_RUN_SCENE s = scene_with((struct fake_answer){ 0 }, (struct fake_answer){ 0 }, 0);

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    AUTO_FREE char *text = screen(s, false);
    expect_shown(text, "nothing stands against it");
}

static void what_is_broken_is_the_testers(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    s->lab.lanes[LANE_BASELINE].fail_at = 1;
    s->lab.lanes[LANE_BASELINE].code = ERR_IO;
    expect_verdict(s, VERDICT_BROKEN);
    AUTO_FREE char *text = screen(s, false);
    expect_shown(text, "verdict: broken");
    expect_shown(text, "tester      mend the lab ('doctor') and validate again");
}

static void without_a_verdict_there_is_nothing_to_explain(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_JSON *run = scene_run(s);
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(explain_run(run, s->f.b, 0, 10, &e));
    expect_err(ERR_CONFLICT, "has no verdict yet", &e);
}

/* --- the table -------------------------------------------------------------------------------- */

static enum verdict ask(unsigned causes, enum verdict v, enum actor a, struct strv *ret)
{
    const char *objects[CAUSE_MAX_] = { NULL };

    strv_release(ret);
    return cause_actions(causes, v, a, objects, ret);
}

static void all_causes_of_a_weight_must_go(void **state)
{
    const unsigned regression = 1u << CAUSE_REGRESSION, flaky = 1u << CAUSE_FLAKY;
    const unsigned claim = 1u << CAUSE_CLAIM, other = 1u << CAUSE_OTHER_FAIL;
    AUTO_STRV v = { 0 };

    (void)state;
    assert_int_equal(ask(regression, VERDICT_FAIL, ACTOR_OWNER, &v), VERDICT_PASS);
    assert_string_equal(v.ptr[0], "change it, if the service may be so from now on");
    assert_int_equal(ask(regression, VERDICT_FAIL, ACTOR_TESTER, &v), VERDICT_REVIEW);
    assert_int_equal(ask(regression | flaky, VERDICT_FAIL, ACTOR_SUBMITTER, &v), VERDICT_REVIEW);
    assert_int_equal(v.len, 1);
    assert_int_equal(ask(regression | claim, VERDICT_FAIL, ACTOR_OWNER, &v), VERDICT_FAIL);
    assert_int_equal(v.len, 1);
    assert_int_equal(ask(regression | other, VERDICT_FAIL, ACTOR_SUBMITTER, &v), VERDICT_FAIL);
    assert_int_equal(ask(flaky, VERDICT_REVIEW, ACTOR_GATEKEEPER, &v), VERDICT_REVIEW);
    assert_int_equal(v.len, 0);
    assert_int_equal(ask(0, VERDICT_PASS, ACTOR_OWNER, &v), VERDICT_PASS);
    assert_int_equal(v.len, 0);
}

static void causes_come_back_from_their_record(void **state)
{
    const unsigned all = (1u << CAUSE_MAX_) - 1;
    AUTO_JSON *list = causes_json(all);

    (void)state;
    json_array_append_new(list, json_string("of a later version"));
    json_array_append_new(list, json_integer(7));
    assert_int_equal(causes_from_json(list), all);
    assert_int_equal(causes_from_json(NULL), 0);
}

static void open_matters_are_told_from_the_rest(void **state)
{
    const unsigned changes = 1u << CAUSE_CHANGES, manual = 1u << CAUSE_MANUAL;

    (void)state;
    assert_true(causes_are_open_matters(changes));
    assert_true(causes_are_open_matters(changes | manual));
    assert_false(causes_are_open_matters(changes | 1u << CAUSE_NOT_LOOKED));
    assert_false(causes_are_open_matters(manual | 1u << CAUSE_REGRESSION));
    assert_false(causes_are_open_matters(0));
}

/* Records of before there were causes have none. */
static void no_record_is_without_a_cause(void **state)
{
    static const struct {
        enum verdict verdict;
        const char *causes;
    } table[] = {
        { VERDICT_PASS, "[]" },
        { VERDICT_FAIL, "[\"other-fail\"]" },
        { VERDICT_REVIEW, "[\"other-review\"]" },
        { VERDICT_BROKEN, "[\"broken\"]" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_JSON *run = json_pack("{s:i, s:s, s:{}}", "id", 1, "verdict",
                                   verdict_names[table[i].verdict], "summary");
        AUTO_ERR e = NULL;
        AUTO_JSON *x = explain_run(run, NULL, 0, 10, &e);
        expect_ok(x, &e);
        AUTO_FREE char *causes = json_canonical(json_object_get(x, "causes"));
        assert_string_equal(causes, table[i].causes);
    }
}

#define BIT(cause) (1u << CAUSE_##cause)

static char *sentence[] = { (char[]){ "something is so" }, NULL };
static const struct strv one = { sentence, 1 };
/* clang-format off */
#define STRICT { { GATE_FAIL, GATE_FAIL, GATE_FAIL, GATE_FAIL } }
#define MILD { { GATE_REVIEW, GATE_REVIEW, GATE_REVIEW, GATE_REVIEW } }
#define LAX { { GATE_NOTE, GATE_NOTE, GATE_NOTE, GATE_NOTE } }
/* clang-format on */

/* Each fact alone: the causes, and the verdict. */
static const struct {
    enum compare_class class;
    struct verdict_facts facts;
    unsigned causes;
    enum verdict verdict;
} facts[] = {
    { CLASS_OK, { .applied = 1 }, 0, VERDICT_PASS },
    { CLASS_OK, { .applied = 0 }, BIT(NOT_APPLIED), VERDICT_FAIL },
    { CLASS_OK, { .applied = 1, .apply_tries = 2 }, BIT(HALF_APPLIED), VERDICT_REVIEW },
    { CLASS_OK, { .applied = 1, .counts_packages = true }, BIT(NO_CHANGE), VERDICT_REVIEW },
    { CLASS_OK, { .applied = 0, .counts_packages = true }, BIT(NOT_APPLIED), VERDICT_FAIL },
    { CLASS_OK,
      { .applied = 0, .apply_broken = &one },
      BIT(NOT_APPLIED) | BIT(PACKAGES),
      VERDICT_FAIL },
    { CLASS_REGRESSION,
      { .applied = 1, .gates = STRICT },
      BIT(REGRESSION) | BIT(NO_PASS),
      VERDICT_FAIL },
    { CLASS_REGRESSION,
      { .applied = 1, .gates = MILD },
      BIT(REVIEW_REGRESSION) | BIT(NO_PASS),
      VERDICT_REVIEW },
    { CLASS_REGRESSION, { .applied = 1, .gates = LAX }, BIT(NO_PASS), VERDICT_REVIEW },
    { CLASS_FLAKY, { .applied = 1 }, BIT(FLAKY) | BIT(NO_PASS), VERDICT_REVIEW },
    { CLASS_FLAKY, { .applied = 1, .gates = LAX }, BIT(NO_PASS), VERDICT_REVIEW },
    { CLASS_MISSING, { .applied = 1 }, BIT(MISSING) | BIT(NO_PASS), VERDICT_REVIEW },
    { CLASS_OK, { .applied = 1, .restart_problem = "x" }, BIT(RESTART), VERDICT_FAIL },
    { CLASS_OK,
      { .applied = 1, .restart_problem = "x", .gates = MILD },
      BIT(REVIEW_RESTART),
      VERDICT_REVIEW },
    { CLASS_OK, { .applied = 1, .restart_problem = "x", .gates = LAX }, 0, VERDICT_PASS },
    { CLASS_OK, { .applied = 1, .undo_problem = "x" }, BIT(REVERSAL), VERDICT_FAIL },
    { CLASS_OK,
      { .applied = 1, .undo_problem = "x", .gates = MILD },
      BIT(REVIEW_REVERSAL),
      VERDICT_REVIEW },
    { CLASS_OK, { .applied = 1, .undo_impossible = "x" }, BIT(REVERSAL), VERDICT_FAIL },
    { CLASS_OK, { .applied = 1, .undo_impossible = "x", .gates = MILD }, 0, VERDICT_PASS },
    { CLASS_OK, { .applied = 1, .scan_failures = &one }, BIT(CLAIM), VERDICT_FAIL },
    { CLASS_OK, { .applied = 1, .scan_reviews = &one }, BIT(NEW_FINDING), VERDICT_REVIEW },
    { CLASS_OK, { .applied = 1, .change_reviews = &one }, BIT(CHANGES), VERDICT_REVIEW },
    { CLASS_OK,
      { .applied = 1, .change_reviews = &one, .not_looked = true },
      BIT(NOT_LOOKED),
      VERDICT_REVIEW },
    { CLASS_OK, { .applied = 1, .manual_reviews = &one }, BIT(MANUAL), VERDICT_REVIEW },
    { CLASS_KNOWN_FAILURE, { .applied = 1 }, BIT(NO_PASS), VERDICT_REVIEW },
};

static void every_reason_has_its_cause(void **state)
{
    struct result r = { .testcase = (char[]){ "shop" }, .check = (char[]){ "order" } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        struct comparison row = { .class = facts[i].class, .before = &r, .after = &r };
        const struct comparison_list list = { &row, 1 };
        struct verdict_facts f = facts[i].facts;
        AUTO_STRV reasons = { 0 };
        unsigned causes = 0;

        f.comparisons = &list;
        assert_int_equal(verdict_decide(&f, &reasons, &causes), facts[i].verdict);
        assert_int_equal(causes, facts[i].causes);
        assert_true(reasons.len > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regression_is_told_on_one_screen),
        cmocka_unit_test(long_outputs_leave_the_screen_one),
        cmocka_unit_test(a_flaky_check_is_the_owners),
        cmocka_unit_test(what_passes_needs_no_change),
        cmocka_unit_test(what_is_broken_is_the_testers),
        cmocka_unit_test(without_a_verdict_there_is_nothing_to_explain),
        cmocka_unit_test(all_causes_of_a_weight_must_go),
        cmocka_unit_test(causes_come_back_from_their_record),
        cmocka_unit_test(open_matters_are_told_from_the_rest),
        cmocka_unit_test(no_record_is_without_a_cause),
        cmocka_unit_test(every_reason_has_its_cause),
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
