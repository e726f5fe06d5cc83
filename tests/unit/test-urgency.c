/* The decision table of BOD 26-04, row by row, and what is not known. */
#include "unit/base.h"

#include "core/urgency.h"

static enum known known(char c)
{
    return c == 'Y' || c == 'T' ? KNOWN_YES : c == '?' ? NOT_KNOWN : KNOWN_NO;
}

/* KEV, publicly exposed, automatable, technical impact: as CERT/CC's table has them. */
static const struct {
    const char *facts;
    enum urgency outcome;
} rows[] = {
    { "NNNP", URGENCY_UPGRADE },
    { "NNNT", URGENCY_UPGRADE },
    { "NYNP", URGENCY_60D },
    { "NNYP", URGENCY_60D },
    { "NNYT", URGENCY_60D },
    { "YNNP", URGENCY_14D },
    { "YYNP", URGENCY_14D },
    { "YNYP", URGENCY_14D },
    { "YNNT", URGENCY_14D },
    { "NYYP", URGENCY_14D },
    { "NYNT", URGENCY_14D },
    { "NYYT", URGENCY_3D },
    { "YYYP", URGENCY_3D },
    { "YYNT", URGENCY_3D_TRIAGE },
    { "YNYT", URGENCY_3D_TRIAGE },
    { "YYYT", URGENCY_3D_TRIAGE },
    /* Not known: exposed; and the strictest that is possible. */
    { "N?NP", URGENCY_60D },
    { "N???", URGENCY_60D },
    { "NN??", URGENCY_60D },
    { "NY??", URGENCY_60D },
    { "NYY?", URGENCY_3D },
    { "Y???", URGENCY_3D_TRIAGE },
    { "YN??", URGENCY_3D_TRIAGE },
    { "YYYP", URGENCY_3D },
    { "Y?NP", URGENCY_14D },
    { "YNN?", URGENCY_14D },
};

static void every_row_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *s = rows[i].facts;
        struct urgency_facts f = { s[0] == 'Y', known(s[1]), known(s[2]), known(s[3]) };

        if (urgency_of(&f) != rows[i].outcome)
            fail_msg("%s: %s", s, urgency_names[urgency_of(&f)]);
    }
}

static void outcomes_have_days(void **state)
{
    (void)state;
    assert_int_equal(urgency_days(URGENCY_UPGRADE), -1);
    assert_int_equal(urgency_days(URGENCY_60D), 60);
    assert_int_equal(urgency_days(URGENCY_14D), 14);
    assert_int_equal(urgency_days(URGENCY_3D), 3);
    assert_int_equal(urgency_days(URGENCY_3D_TRIAGE), 3);
}

static void days_are_counted(void **state)
{
    char day[URGENCY_DATE_SIZE] = "unchanged";

    (void)state;
    assert_true(urgency_deadline("2026-11-24", 14, day));
    assert_string_equal(day, "2026-12-08");
    assert_true(urgency_deadline("2024-02-27T10:00:00Z", 3, day));
    assert_string_equal(day, "2024-03-01");
    assert_true(urgency_deadline("2026-12-31", 1, day));
    assert_string_equal(day, "2027-01-01");
    assert_false(urgency_deadline("soon", 3, day));
    assert_false(urgency_deadline("", 3, day));
    assert_false(urgency_deadline("2026-11-24x", 3, day));
    assert_string_equal(day, "2027-01-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_holds),
        cmocka_unit_test(outcomes_have_days),
        cmocka_unit_test(days_are_counted),
    };

    return cmocka_run_group_tests_name("urgency", tests, NULL, NULL);
}
