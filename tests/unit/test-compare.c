/* compare and verdict: every pair of outcomes, missing results, and what a verdict rests on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/cause.h"
#include "core/compare.h"
#include "core/packages.h"
#include "core/verdict.h"

static void every_pair_has_its_class(void **state)
{
    static const enum compare_class expected[4][4] = {
        /* before \ after      none           pass           fail              skip */
        [OUTCOME_NONE] = { CLASS_MISSING, CLASS_MISSING, CLASS_MISSING, CLASS_MISSING },
        [OUTCOME_PASS] = { CLASS_MISSING, CLASS_OK, CLASS_REGRESSION, CLASS_MISSING },
        [OUTCOME_FAIL] = { CLASS_MISSING, CLASS_FIXED, CLASS_KNOWN_FAILURE, CLASS_MISSING },
        [OUTCOME_SKIP] = { CLASS_MISSING, CLASS_MISSING, CLASS_MISSING, CLASS_SKIPPED },
    };

    (void)state;
    for (int b = 0; b < 4; b++)
        for (int a = 0; a < 4; a++)
            assert_int_equal(compare_class_of((enum outcome)b, (enum outcome)a), expected[b][a]);
}

enum { ALL = (1 << POINT_MAX_) - 1 };

static void add(struct result_list *l, const char *check, enum check_point point,
                enum outcome outcome)
{
    result_add(l, "shop", check, check, point)->outcome = outcome;
}

static void rows_are_matched_by_check_and_point(void **state)
{
    struct result_list before = { 0 }, after = { 0 };
    struct comparison_list rows;

    (void)state;
    add(&before, "pages", POINT_FIRST, OUTCOME_PASS);
    add(&before, "pages", POINT_REBOOTED, OUTCOME_PASS);
    add(&before, "order", POINT_FIRST, OUTCOME_PASS);
    add(&after, "pages", POINT_REBOOTED, OUTCOME_FAIL);
    add(&after, "pages", POINT_FIRST, OUTCOME_PASS);
    add(&after, "extra", POINT_FIRST, OUTCOME_PASS);
    compare_results(&before, &after, ALL, &rows);
    assert_int_equal(rows.len, 4);
    assert_int_equal(rows.ptr[0].class, CLASS_OK);
    assert_int_equal(rows.ptr[1].class, CLASS_MISSING);
    assert_null(rows.ptr[1].after);
    assert_int_equal(rows.ptr[2].class, CLASS_MISSING);
    assert_null(rows.ptr[2].before);
    assert_int_equal(rows.ptr[3].class, CLASS_REGRESSION);
    assert_int_equal(rows.ptr[3].point, POINT_REBOOTED);
    comparison_list_release(&rows);
    result_list_release(&before);
    result_list_release(&after);
}

/* A result of the baseline stands for several points; which of them count, the mask says. */
static void points_are_compared_with_their_base(void **state)
{
    struct result_list before = { 0 }, after = { 0 };
    struct comparison_list rows;

    (void)state;
    result_add(&before, "shop", "pages", "", POINT_FIRST)->outcome = OUTCOME_PASS;
    before.ptr[0].points = point_group(POINT_FIRST);
    result_add_sub(&before, "one", OUTCOME_PASS); /* stands for the same */
    add(&after, "pages", POINT_FIRST, OUTCOME_PASS);
    result_add_sub(&after, "one", OUTCOME_PASS);
    add(&after, "pages", POINT_RESTARTED, OUTCOME_FAIL);
    result_add_sub(&after, "one", OUTCOME_FAIL);
    compare_results(&before, &after, ALL, &rows);
    assert_int_equal(rows.len, 4);
    for (size_t i = 0; i < rows.len; i++) {
        assert_ptr_equal(rows.ptr[i].before, &before.ptr[i % 2]);
        assert_ptr_equal(rows.ptr[i].after, &after.ptr[i]);
        assert_int_equal(rows.ptr[i].class, i < 2 ? CLASS_OK : CLASS_REGRESSION);
        assert_int_equal(rows.ptr[i].point, i < 2 ? POINT_FIRST : POINT_RESTARTED);
    }

    /* The baseline was asked at the point itself: its base is not what counts. */
    struct result_list again = { 0 };
    add(&again, "pages", POINT_FIRST, OUTCOME_PASS);
    add(&again, "pages", POINT_RESTARTED, OUTCOME_FAIL);
    result_add_sub(&again, "one", OUTCOME_PASS);
    compare_confirm(&rows, &again, &after);
    assert_int_equal(rows.ptr[2].class, CLASS_FLAKY);
    assert_int_equal(rows.ptr[3].class, CLASS_REGRESSION);
    comparison_list_release(&rows);
    compare_results(&before, &after, 1 << POINT_FIRST, &rows);
    assert_int_equal(rows.len, 2);
    comparison_list_release(&rows);
    result_list_release(&before);
    result_list_release(&after);
    result_list_release(&again);
}

/* Tests are compared one by one, however many they are and in whatever order they come. */
static void tests_are_matched_by_name(void **state)
{
    enum { TESTS = 100000 };
    struct result_list before = { 0 }, after = { 0 };
    struct comparison_list rows;

    (void)state;
    add(&before, "suite", POINT_FIRST, OUTCOME_PASS);
    add(&after, "suite", POINT_FIRST, OUTCOME_FAIL);
    for (int i = 0; i < TESTS; i++) {
        AUTO_FREE char *was = xasprintf("test %d", i), *is = xasprintf("test %d", TESTS - i);
        result_add_sub(&before, was, OUTCOME_PASS);
        result_add_sub(&after, is, i == 7 ? OUTCOME_FAIL : OUTCOME_PASS);
    }
    add(&after, "suite", POINT_REBOOTED, OUTCOME_PASS);
    compare_results(&before, &after, ALL, &rows);
    assert_int_equal(rows.len, TESTS + 3);
    assert_int_equal(rows.ptr[0].class, CLASS_REGRESSION);
    assert_string_equal(rows.ptr[1].before->sub, "test 0");
    assert_int_equal(rows.ptr[1].class, CLASS_MISSING);
    assert_int_equal(rows.ptr[2].class, CLASS_OK);
    assert_int_equal(rows.ptr[TESTS - 7 + 1].class, CLASS_REGRESSION);
    AUTO_FREE char *name = comparison_name(&rows.ptr[TESTS - 7 + 1]);
    assert_string_equal(name, "check 'shop/suite', test 'test 99993'");
    assert_string_equal(rows.ptr[TESTS + 1].after->sub, "test 100000");
    assert_int_equal(rows.ptr[TESTS + 2].after->point, POINT_REBOOTED);
    compare_confirm(&rows, &before, &before);
    assert_int_equal(rows.ptr[TESTS - 7 + 1].class, CLASS_FLAKY);
    comparison_list_release(&rows);
    result_list_release(&before);
    result_list_release(&after);
}

/* A verdict on one row of each given class. */
static enum verdict decide(const enum compare_class *classes, size_t n, bool applied,
                           size_t changed, struct strv *reasons)
{
    struct result r = { .testcase = (char[]){ "shop" }, .check = (char[]){ "order" } };
    struct comparison rows[CLASS_MAX_] = { 0 };
    struct comparison_list list = { rows, n };
    unsigned causes;
    struct verdict_facts f = {
        .comparisons = &list,
        .applied = applied,
        .apply_problem = applied ? NULL : "status 100",
        .counts_packages = true,
        .packages_changed = changed,
    };

    for (size_t i = 0; i < n; i++)
        rows[i] = (struct comparison){ .class = classes[i], .before = &r, .after = &r };
    return verdict_decide(&f, reasons, &causes);
}

static void verdicts(void **state)
{
    static const struct {
        enum compare_class classes[3];
        size_t n;
        bool applied;
        size_t changed;
        enum verdict verdict;
        const char *first_reason;
    } table[] = {
        { { CLASS_OK }, 1, true, 1, VERDICT_PASS, "1 checks pass" },
        { { CLASS_OK, CLASS_KNOWN_FAILURE, CLASS_SKIPPED }, 3, true, 1, VERDICT_PASS, "1 checks" },
        { { CLASS_FIXED }, 1, true, 1, VERDICT_PASS, "0 checks" },
        { { CLASS_OK, CLASS_REGRESSION },
          2,
          true,
          1,
          VERDICT_FAIL,
          "check 'shop/order' passed before and fails with the patch at stage 'patched'" },
        { { CLASS_OK }, 1, false, 1, VERDICT_FAIL, "the patch could not be applied: status 100" },
        { { CLASS_OK, CLASS_MISSING }, 2, true, 1, VERDICT_REVIEW, "check 'shop/order' has no" },
        { { CLASS_OK, CLASS_FLAKY }, 2, true, 1, VERDICT_REVIEW, "check 'shop/order' does not" },
        { { CLASS_OK }, 1, true, 0, VERDICT_REVIEW, "the patch changed no installed package" },
        { { CLASS_KNOWN_FAILURE }, 1, true, 1, VERDICT_REVIEW, "no check passed" },
        { { CLASS_SKIPPED }, 1, true, 1, VERDICT_REVIEW, "no check passed" },
        { { CLASS_OK }, 0, true, 1, VERDICT_REVIEW, "no check passed" },
        { { CLASS_MISSING, CLASS_REGRESSION }, 2, true, 1, VERDICT_FAIL, "check 'shop/order'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_STRV reasons = { 0 };
        enum verdict v = decide(table[i].classes, table[i].n, table[i].applied, table[i].changed,
                                &reasons);
        assert_string_equal(verdict_names[v], verdict_names[table[i].verdict]);
        assert_true(str_starts(reasons.ptr[0], table[i].first_reason));
    }
}

/* Each kind of sentence about the packages, alone: which verdict, and is it told. */
static void the_state_of_the_packages_counts(void **state)
{
    AUTO_STRV sentence = { 0 };
    const struct {
        struct verdict_facts facts;
        enum verdict verdict;
    } table[] = {
        { { .applied = 0, .apply_broken = &sentence }, VERDICT_FAIL },
        { { .applied = 0, .apply_reviews = &sentence }, VERDICT_FAIL },
        { { .applied = 1, .apply_broken = &sentence }, VERDICT_REVIEW },
        { { .applied = 1, .apply_reviews = &sentence }, VERDICT_REVIEW },
        { { .applied = 1, .apply_notes = &sentence }, VERDICT_PASS },
        { { .applied = 0, .apply_notes = &sentence }, VERDICT_FAIL },
    };
    struct result r = { .testcase = (char[]){ "shop" }, .check = (char[]){ "order" } };
    struct comparison row = { .class = CLASS_OK, .before = &r, .after = &r };
    struct comparison_list list = { &row, 1 };

    (void)state;
    strv_add(&sentence, "something is so");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct verdict_facts f = table[i].facts;
        AUTO_STRV reasons = { 0 };
        unsigned causes = 0;
        int told = 0;

        f.comparisons = &list;
        f.apply_tries = 1;
        assert_int_equal(verdict_decide(&f, &reasons, &causes), table[i].verdict);
        for (size_t k = 0; k < reasons.len; k++)
            told += str_eq(reasons.ptr[k], "something is so");
        assert_int_equal(told, 1);
        if (table[i].verdict == VERDICT_REVIEW)
            assert_int_equal(causes, 1u << CAUSE_PACKAGES);
    }
}

static void packages_are_told_apart(void **state)
{
    AUTO_PACKAGE_LIST before = { 0 };
    AUTO_PACKAGE_LIST after = { 0 };
    size_t n = 0;

    (void)state;
    package_list_add(&before, "gone", "1");
    package_list_add(&before, "same", "1");
    package_list_add(&before, "up", "1");
    package_list_add(&after, "new", "3");
    package_list_add(&after, "same", "1");
    package_list_add(&after, "up", "2");
    package_list_sort(&before);
    package_list_sort(&after);
    AUTO_JSON *diff = packages_diff(&before, &after, &n);
    AUTO_FREE char *text = json_canonical(diff);
    assert_int_equal(n, 3);
    assert_string_equal(text, "{\"added\":[{\"name\":\"new\",\"to\":\"3\"}],"
                              "\"changed\":[{\"from\":\"1\",\"name\":\"up\",\"to\":\"2\"}],"
                              "\"removed\":[{\"from\":\"1\",\"name\":\"gone\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_has_its_class),
        cmocka_unit_test(rows_are_matched_by_check_and_point),
        cmocka_unit_test(points_are_compared_with_their_base),
        cmocka_unit_test(tests_are_matched_by_name),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(the_state_of_the_packages_counts),
        cmocka_unit_test(packages_are_told_apart),
    };

    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
