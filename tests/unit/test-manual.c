/* manual: answers of people, how a step stands, and what the gate makes of it. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/manual.h"
#include "core/signoff.h"
#include "fakes/fixture.h"

#define STEP(name) \
    "{\"stages\":[\"patched\"],\"step\":\"" name "\",\"text\":null,\"title\":\"a title\"}"

/* A run that is `review` for two steps alone. */
static int64_t waiting_run(struct fixture *f)
{
    int64_t run = fixture_run(f, "web-01", NULL);

    fixture_verdict(f, run, "review");
    fixture_raw(f, "UPDATE run SET summary = '{\"changes\":{\"items\":[],\"only_reason\":true,"
                   "\"open\":0},\"manual\":[" STEP("shop/a") "," STEP("shop/b") "]}'");
    return run;
}

static void say(struct fixture *f, int64_t run, const char *step, enum manual_result r,
                const char *person)
{
    AUTO_ERR e = NULL;

    expect_ok(manual_answer(f->s, run, step, r, person, r == MANUAL_PASS ? NULL : "why", &e) == 0,
              &e);
}

static void expect_state(struct fixture *f, int64_t run, size_t i, const char *state)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *j = manual_of_run(f->s, run, &e);

    expect_ok(j != NULL, &e);
    json_t *step = json_array_get(json_object_get(j, "steps"), i);
    assert_string_equal(json_str_at(step, "state"), state);
}

/* "" for an open gate. */
static void expect_gate(struct fixture *f, int64_t run, const char *want)
{
    AUTO_STRV missing = { 0 };
    AUTO_ERR e = NULL;
    int open = signoff_gate(f->s, run, &missing, &e);

    expect_ok(open >= 0, &e);
    AUTO_FREE char *said = open ? xstrdup("") : strv_join(&missing, "; ");
    assert_string_equal(said, want);
}

static void the_last_word_of_each_person_counts(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = waiting_run(&f);

    (void)state;
    expect_state(&f, run, 0, "open");
    say(&f, run, "a", MANUAL_SKIP, "ann");
    expect_state(&f, run, 0, "skipped");
    say(&f, run, "shop/a", MANUAL_FAIL, "ann");
    say(&f, run, "a", MANUAL_PASS, "bob");
    expect_state(&f, run, 0, "failed");
    say(&f, run, "a", MANUAL_PASS, "ANN");
    expect_state(&f, run, 0, "passed");
    expect_state(&f, run, 1, "open");
}

static void the_gate_waits_for_every_step(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = waiting_run(&f);
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(signoff_add(f.s, run, ROLE_OWNER, "olga", DECISION_APPROVE, NULL, &e) == 0, &e);
    expect_ok(signoff_add(f.s, run, ROLE_GATEKEEPER, "gero", DECISION_APPROVE, NULL, &e) == 0, &e);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM queue"), 0);
    say(&f, run, "a", MANUAL_PASS, "tess");
    say(&f, run, "b", MANUAL_FAIL, "tess");
    expect_gate(&f, run, "manual step 'shop/b' failed, says 'tess': why");
    say(&f, run, "b", MANUAL_SKIP, "tess");
    expect_gate(&f, run, "manual step 'shop/b' was skipped, says 'tess': why");
    say(&f, run, "b", MANUAL_PASS, "tess");
    expect_gate(&f, run, "");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM queue WHERE state = 'ready'"), 1);
    say(&f, run, "a", MANUAL_FAIL, "tom");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM queue WHERE state = 'held'"), 1);
}

static void a_review_for_more_than_steps_stays_closed(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = waiting_run(&f);
    AUTO_ERR e = NULL;

    (void)state;
    fixture_raw(&f, "UPDATE run SET summary = replace(summary, 'true', 'false')");
    expect_ok(signoff_add(f.s, run, ROLE_OWNER, "olga", DECISION_APPROVE, NULL, &e) == 0, &e);
    expect_ok(signoff_add(f.s, run, ROLE_GATEKEEPER, "gero", DECISION_APPROVE, NULL, &e) == 0, &e);
    say(&f, run, "a", MANUAL_PASS, "tess");
    say(&f, run, "b", MANUAL_PASS, "tess");
    expect_gate(&f, run, "the verdict is 'review', not 'pass'");
}

static void bad_answers_are_refused(void **state)
{
    static const struct {
        const char *step, *person, *remark;
        enum manual_result result;
        enum err_code code;
        const char *part;
    } slips[] = {
        { "c", "ann", "x", MANUAL_PASS, ERR_NOT_FOUND, "no manual step 'c'" },
        { "op/a", "ann", "x", MANUAL_PASS, ERR_NOT_FOUND, "no manual step" },
        { "", "ann", "x", MANUAL_PASS, ERR_NOT_FOUND, "no manual step" },
        { "a", "a b", "x", MANUAL_PASS, ERR_INVALID, "no name of a person" },
        { "a", "ann", NULL, MANUAL_FAIL, ERR_INVALID, "'fail' needs a remark" },
        { "a", "ann", " \n", MANUAL_SKIP, ERR_INVALID, "'skip' needs a remark" },
    };
    AUTO_FIXTURE f = fixture_open();
    int64_t run = waiting_run(&f), fresh = fixture_run(&f, "web-02", NULL);
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(slips); i++) {
        assert_int_equal(manual_answer(f.s, run, slips[i].step, slips[i].result, slips[i].person,
                                       slips[i].remark, &e),
                         -1);
        expect_err(slips[i].code, slips[i].part, &e);
    }
    assert_int_equal(manual_answer(f.s, fresh, "a", MANUAL_PASS, "ann", NULL, &e), -1);
    expect_err(ERR_CONFLICT, "has no verdict yet", &e);
    assert_int_equal(manual_answer(f.s, 99, "a", MANUAL_PASS, "ann", NULL, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no run 99", &e);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM manual_answer"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_of_each_person_counts),
        cmocka_unit_test(the_gate_waits_for_every_step),
        cmocka_unit_test(a_review_for_more_than_steps_stays_closed),
        cmocka_unit_test(bad_answers_are_refused),
    };

    return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
