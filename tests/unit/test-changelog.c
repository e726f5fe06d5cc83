/* Which CVEs a changelog claims, by its topmost entry or since a version. */
#include "core/changelog.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "unit/base.h"

static const char text[] = "openssl (3.0.15-1~deb12u1) bookworm; urgency=medium\n\n"
                           "  * Fix CVE-2024-5535, CVE-2024-4741 (and CVE-2024-5535 again).\n\n"
                           " -- A <a@b>  Wed, 23 Sep 2024 10:52:17 +0700\n\n"
                           "openssl (3.0.14-1~deb12u2) bookworm-security; urgency=medium\n\n"
                           "  * CVE-2024-4741 for real; CVE-2023-1234\n\n"
                           "openssl (3.0.11-1~deb12u1) bookworm; urgency=medium\n\n"
                           "  * CVE-2023-0001\n";

static char *claims_of(const char *changelog, const char *since)
{
    AUTO_JSON *list = json_array();
    AUTO_STR s = STR_INIT(4096);
    const json_t *claim;
    size_t i;

    changelog_claims(changelog, strlen(changelog), "openssl", since, list);
    json_array_foreach(list, i, claim)
    {
        assert_string_equal(json_str_at(claim, "origin"), "changelog");
        assert_string_equal(json_str_at(claim, "package"), "openssl");
        str_addf(&s, "%s=%s ", json_str_at(claim, "cve"), json_str_at(claim, "version"));
    }
    return str_take(&s);
}

static void expect_claims(const char *changelog, const char *since, const char *expected)
{
    AUTO_FREE char *claims = claims_of(changelog, since);

    assert_string_equal(claims, expected);
}

static void the_topmost_entry_counts(void **state)
{
    (void)state;
    expect_claims(text, NULL, "CVE-2024-5535=3.0.15-1~deb12u1 CVE-2024-4741=3.0.15-1~deb12u1 ");
}

static void all_that_is_newer_counts(void **state)
{
    (void)state;
    expect_claims(text, "3.0.11-1~deb12u1",
                  "CVE-2024-5535=3.0.15-1~deb12u1 CVE-2024-4741=3.0.14-1~deb12u2 "
                  "CVE-2023-1234=3.0.14-1~deb12u2 ");
    expect_claims(text, "3.0.15-1~deb12u1", "");
}

static void what_looks_like_it_is_none(void **state)
{
    (void)state;
    expect_claims("a (1) b\n * CVE-2024-123 CVE-202-1234 CVE-20245-1234 CVE-2024_1234 CVE-\n"
                  " * CVE-2024-1234567890123 CVE-2024-",
                  NULL, "");
    expect_claims("a (1) b\n * xCVE-2024-12345.", NULL, "CVE-2024-12345=1 ");
    expect_claims("no changelog CVE-2024-1234\n", NULL, "");
    expect_claims("a (1\x1b) b\n CVE-2024-1234\n", NULL, "");
    expect_claims("a (", NULL, "");
    AUTO_JSON *list = json_array();
    changelog_claims("a (1\0) b\n CVE-2024-1234\n", 24, "a", NULL, list);
    assert_int_equal(json_array_size(list), 0);
    expect_claims("", NULL, "");
}

static void no_more_than_the_limit(void **state)
{
    AUTO_STR s = STR_INIT(1 << 20);
    AUTO_JSON *list = json_array();

    (void)state;
    str_add(&s, "a (1) b\n");
    for (int i = 0; i < CHANGELOG_CLAIMS_MAX + 10; i++)
        str_addf(&s, " CVE-2024-%d\n", 10000 + i);
    changelog_claims(s.ptr, s.len, "a", NULL, list);
    assert_int_equal(json_array_size(list), CHANGELOG_CLAIMS_MAX);
}

static void another_changelog_adds_what_is_new(void **state)
{
    static const char other[] = "b (2) c\n * CVE-2024-5535 CVE-2024-9999\n";
    AUTO_JSON *list = json_array();

    (void)state;
    changelog_claims(text, strlen(text), "openssl", NULL, list);
    changelog_claims(other, strlen(other), "b", NULL, list);
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(json_str_at(json_array_get(list, 0), "package"), "openssl");
    assert_string_equal(json_str_at(json_array_get(list, 2), "package"), "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_topmost_entry_counts),
        cmocka_unit_test(all_that_is_newer_counts),
        cmocka_unit_test(what_looks_like_it_is_none),
        cmocka_unit_test(no_more_than_the_limit),
        cmocka_unit_test(another_changelog_adds_what_is_new),
    };

    return cmocka_run_group_tests_name("changelog", tests, NULL, NULL);
}
