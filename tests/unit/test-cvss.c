/* CVSS 3 base scores: the examples that the specification's authors publish, and no vectors. */
#include "adapters/cvss.h"

#include "base/mem.h"
#include "unit/base.h"

static void the_published_examples_score_so(void **state)
{
    static const struct {
        const char *vector;
        int score;
        enum severity severity;
    } examples[] = {
        { "AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61, SEVERITY_MEDIUM },
        { "AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64, SEVERITY_MEDIUM },
        { "AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31, SEVERITY_LOW },
        { "AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99, SEVERITY_CRITICAL },
        { "AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 42, SEVERITY_MEDIUM },
        { "AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 88, SEVERITY_HIGH },
        { "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75, SEVERITY_HIGH },
        { "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98, SEVERITY_CRITICAL },
        { "AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, SEVERITY_CRITICAL },
        { "AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 78, SEVERITY_HIGH },
        { "AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68, SEVERITY_MEDIUM },
        { "AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 93, SEVERITY_CRITICAL },
        { "AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, SEVERITY_UNIMPORTANT },
        { "AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N/E:P/RL:O", 0, SEVERITY_UNIMPORTANT },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        AUTO_FREE char *new = xasprintf("CVSS:3.1/%s", examples[i].vector);
        AUTO_FREE char *old = xasprintf("CVSS:3.0/%s", examples[i].vector);

        if (cvss_base_score(new) != examples[i].score)
            fail_msg("%s: %d, not %d", new, cvss_base_score(new), examples[i].score);
        assert_int_equal(cvss_base_score(old), examples[i].score);
        assert_int_equal(cvss_severity(new), examples[i].severity);
    }
}

static void anything_else_is_unknown(void **state)
{
    static const char *const bad[] = {
        "",
        "7.5",
        "CVSS:3.1",
        "CVSS:3.1/",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        "CVSS:3.1/AV:/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        "CVSS:3.1/AV:NN/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P",
    };

    (void)state;
    assert_int_equal(cvss_severity(NULL), SEVERITY_UNKNOWN);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(cvss_base_score(bad[i]), -1);
        assert_int_equal(cvss_severity(bad[i]), SEVERITY_UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_examples_score_so),
        cmocka_unit_test(anything_else_is_unknown),
    };

    return cmocka_run_group_tests_name("cvss", tests, NULL, NULL);
}
