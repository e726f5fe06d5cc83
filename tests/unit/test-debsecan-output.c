/* What debsecan prints in detail, and what it would never print. */
#include "adapters/debsecan_output.h"

#include <string.h>

#include "base/mem.h"
#include "core/version.h"
#include "unit/base.h"

#define HEAD "CVE-2024-5535 (fixed, remotely exploitable, low urgency)\n"
#define DESCRIPTION "  Issue summary: calling\n"
#define INSTALLED "  installed: libssl3 3.0.11-1~deb12u1\n"
#define BUILT "             (built from openssl 3.0.11-1~deb12u1)\n"
#define FIXES \
    "  fixed in unstable: openssl 3.3.2-1 (source package)\n" \
    "  fixed on branch:   openssl 1.1.1n-0+deb11u6 (source package)\n" \
    "  fixed on branch:   openssl 3.0.15-1~deb12u1 (source package)\n" \
    "  fix is available for the selected suite (bookworm)\n"

static int parse(const char *text, struct finding_list *ret, struct err **err)
{
    return debsecan_output_parse(text, strlen(text), "feed", version_deb_compare, ret, err);
}

static void an_entry_is_a_finding(void **state)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(parse(HEAD DESCRIPTION INSTALLED BUILT FIXES "\n", &l, &e), 0);
    assert_int_equal(l.len, 1);
    assert_string_equal(l.ptr[0].id, "CVE-2024-5535");
    assert_string_equal(l.ptr[0].package, "openssl");
    assert_string_equal(l.ptr[0].installed, "3.0.11-1~deb12u1");
    assert_string_equal(l.ptr[0].fixed_in, "3.0.15-1~deb12u1");
    assert_string_equal(l.ptr[0].binaries, "libssl3");
    assert_string_equal(l.ptr[0].source, "feed");
    assert_int_equal(l.ptr[0].severity, SEVERITY_LOW);
}

static void without_a_fix_none_is_told(void **state)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(parse("TEMP-1-A\n" DESCRIPTION INSTALLED BUILT
                           "             package is obsolete\n"
                           "  fixed in unstable: libssl3 3.3.2-1 (binary package)\n\n"
                           "CVE-2024-1 (high urgency)\n  installed: a trap\n" INSTALLED BUILT "\n",
                           &l, &e),
                     0);
    assert_int_equal(l.len, 2);
    assert_null(l.ptr[0].fixed_in);
    assert_string_equal(l.ptr[0].package, "libssl3");
    assert_int_equal(l.ptr[0].severity, SEVERITY_UNKNOWN);
    assert_int_equal(l.ptr[1].severity, SEVERITY_HIGH);
}

static void nothing_is_no_finding(void **state)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(parse("", &l, &e), 0);
    assert_int_equal(l.len, 0);
}

static void anything_else_is_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        { "\n", "line 1: expected 'ID (NOTES)', found ''" },
        { "CVE-1 x\n", "line 1: expected 'ID (NOTES)'" },
        { "CVE\x01-1\n", "the id of a vulnerability" },
        { HEAD, "line 1: expected a description" },
        { HEAD "x\n", "line 2: expected a description" },
        { HEAD DESCRIPTION "  installed: a\n", "line 3: expected 'installed: PACKAGE VERSION'" },
        { HEAD DESCRIPTION "  installed: a/b 1\n", "line 3: expected 'installed" },
        { HEAD DESCRIPTION INSTALLED "(built from a 1)\n", "line 4: expected '(built from" },
        { HEAD DESCRIPTION INSTALLED BUILT, "expected an empty line" },
        { HEAD DESCRIPTION INSTALLED BUILT "Traceback\x1b[1m\n", "line 5: expected a version" },
        { HEAD DESCRIPTION INSTALLED BUILT "  fixed in unstable: a 1 (some package)\n",
          "line 5: expected a version" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_FINDING_LIST l = { 0 };
        AUTO_ERR e = NULL;

        assert_int_equal(parse(bad[i].text, &l, &e), -1);
        assert_int_equal(e->code, ERR_INVALID);
        if (!strstr(e->msg, bad[i].part))
            fail_msg("'%s' lacks '%s'", e->msg, bad[i].part);
        assert_null(strchr(e->msg, '\x1b'));
    }
}

static void a_nul_is_refused(void **state)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(debsecan_output_parse("a\0b", 3, "f", version_deb_compare, &l, &e), -1);
    assert_non_null(strstr(e->msg, "NUL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_a_finding), cmocka_unit_test(without_a_fix_none_is_told),
        cmocka_unit_test(nothing_is_no_finding), cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_nul_is_refused),
    };

    return cmocka_run_group_tests_name("debsecan-output", tests, NULL, NULL);
}
