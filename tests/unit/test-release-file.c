/* release-file: what a Release says, and when it is not believed. */
#include "base.h"
#include "core/release_file.h"

#define H1 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define H2 "f61f27bd17de546264aa58f40f3aafaac7021e0ef69c17f6b1b4cd7664a037ec"
#define HEAD \
    "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nVersion: 12\n" \
    "Codename: bookworm-security\nDate: Mon, 23 Nov 2026 11:22:37 UTC\n"
#define UNTIL "Valid-Until: Mon, 30 Nov 2026 11:22:37 UTC\n"
#define LIST "SHA256:\n " H1 "        0 main/binary-amd64/Packages\n " H2 " 20 main/a.gz\n"
#define DATE INT64_C(1795432957000)
#define WEEK (INT64_C(7) * 24 * 3600 * 1000)

static int parse(const char *text, struct release_file *ret, struct err **err)
{
    return release_file_parse(text, strlen(text), "Release", ret, err);
}

static void expect_bad(const char *text, const char *part)
{
    AUTO_RELEASE_FILE r = { 0 };
    AUTO_ERR e = NULL;

    expect_err(parse(text, &r, &e), ERR_INVALID, part, &e);
}

static void fields_are_found(void **state)
{
    AUTO_RELEASE_FILE r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse(HEAD UNTIL "Acquire-By-Hash: yes\nMD5Sum:\n 1 2 3\n" LIST, &r, &e), &e);
    assert_string_equal(r.label, "Debian-Security");
    assert_string_equal(r.codename, "bookworm-security");
    assert_true(r.date == DATE);
    assert_true(r.valid_until == DATE + WEEK);
    assert_true(r.by_hash);
    assert_int_equal(r.len, 2);
    const struct release_entry *entry = release_file_find(&r, "main/a.gz");
    assert_non_null(entry);
    assert_string_equal(entry->sha256, H2);
    assert_int_equal(entry->size, 20);
    assert_null(release_file_find(&r, "main/b.gz"));
}

static void packages_for_all_may_stand_apart(void **state)
{
    static const struct {
        const char *text;
        bool apart;
    } texts[] = {
        { "Architectures: amd64 arm64\n", false },
        { "Architectures: amd64 all\n", true },
        { "Architectures: all\nNo-Support-for-Architecture-all: Packages\n", false },
        { "Architectures: small overall\n", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO_FREE char *text = xasprintf(HEAD "%s" LIST, texts[i].text);
        AUTO_RELEASE_FILE r = { 0 };
        AUTO_ERR e = NULL;
        expect_ok(parse(text, &r, &e), &e);
        assert_int_equal(r.separate_all, texts[i].apart);
    }
}

static void lies_are_refused(void **state)
{
    (void)state;
    expect_bad("", "it is empty");
    expect_bad("Date: Mon, 23 Nov 2026 11:22:37 UTC\n", "it has no SHA256 list");
    expect_bad("Suite: x\n" LIST, "it has no Date");
    expect_bad("Date: yesterday\n" LIST, "Release:1: expected a date");
    expect_bad(HEAD "Valid-Until:\n" LIST, "Release:7: expected a date");
    expect_bad(HEAD LIST "\nMore: x\n", "more follows after its end");
    expect_bad(HEAD LIST " " H1 " 1 main/a.gz\n", "lists a file twice");
    expect_bad(HEAD LIST " " H1 " 1 ../a\n", "Release:10: expected 'SHA256 SIZE PATH'");
    expect_bad(HEAD LIST " " H1 " 1 /a\n", "Release:10: expected");
    expect_bad(HEAD LIST " " H1 " -1 a\n", "Release:10: expected");
    expect_bad(HEAD LIST " " H1 " 9999999999999999999 a\n", "Release:10: expected");
    expect_bad(HEAD LIST " " H1 " 1\n", "Release:10: expected");
    expect_bad(HEAD LIST " " H1 " 1 a b\n", "Release:10: expected");
    expect_bad(HEAD LIST " e3b0 1 a\n", "Release:10: expected");
}

static void dates_are_strict(void **state)
{
    static const char *const good[] = {
        "Mon, 23 Nov 2026 11:22:37 UTC",
        "Mon, 23 Nov 2026 11:22:37 GMT",
        "Mon, 23 Nov 2026 11:22:37 +0000",
    };
    static const char *const bad[] = {
        "",
        "Mon, 23 Nov 2026 11:22:37",
        "Mon, 23 Nov 2026 11:22:37 CET",
        "Mon, 23 Nov 2026 11:22:37 +0100",
        "Mon, 23 Nov 2026 11:22:37 UTC x",
        "Mon, 23 Nov 26 11:22:37 UTC",
        "Tue, 31 Feb 2026 11:22:37 UTC",
        "Mon, 23 Nov 2026 24:22:37 UTC",
        "Mon, 23 Nov 2026 11:60:37 UTC",
        "Mon, 00 Nov 2026 11:22:37 UTC",
        "Mon, 23 Nov 1969 11:22:37 UTC",
        "2026-11-23T11:22:37Z",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(release_date(good[i]) == DATE);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(release_date(bad[i]) == -1);
    assert_true(release_date("Sat,  1 Aug 2026 00:00:00 UTC") == -1);
    assert_true(release_date("Sat, 1 Aug 2026 00:00:00 UTC") > 0);
}

static void judge(const char *text, const struct release_rule *rule, const char *part)
{
    AUTO_RELEASE_FILE r = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(parse(text, &r, &e), &e);
    int rc = release_judge(&r, rule, &e);
    if (part)
        expect_err(rc, ERR_DENIED, part, &e);
    else
        expect_ok(rc, &e);
}

static void time_and_suite_are_judged(void **state)
{
    struct release_rule rule = {
        .suite = "bookworm-security",
        .now = DATE,
        .seen = DATE,
        .future_ms = 10000,
    };

    (void)state;
    judge(HEAD UNTIL LIST, &rule, NULL);
    rule.suite = "oldstable-security";
    judge(HEAD UNTIL LIST, &rule, NULL);
    rule.suite = "bookworm";
    judge(HEAD UNTIL LIST, &rule, "release of suite 'bookworm-security', not of 'bookworm'");
    judge("Date: Mon, 23 Nov 2026 11:22:37 UTC\n" LIST, &rule, "release of suite ''");
    rule.suite = "bookworm-security";
    rule.now = DATE - 10000;
    judge(HEAD UNTIL LIST, &rule, NULL);
    rule.now = DATE - 10001;
    judge(HEAD UNTIL LIST, &rule, "lies in the future");
    rule.now = DATE + WEEK;
    judge(HEAD UNTIL LIST, &rule, NULL);
    rule.now = DATE + WEEK + 1;
    judge(HEAD UNTIL LIST, &rule, "it expired at 2026-11-30T11:22:37.000Z");
    judge(HEAD LIST, &rule, NULL);
    rule.ignore_valid_until = true;
    judge(HEAD UNTIL LIST, &rule, NULL);
    rule.seen = DATE + 1000;
    judge(HEAD UNTIL LIST, &rule, "older than the one seen before (2026-11-23T11:22:38.000Z)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found),
        cmocka_unit_test(packages_for_all_may_stand_apart),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(dates_are_strict),
        cmocka_unit_test(time_and_suite_are_judged),
    };

    return cmocka_run_group_tests_name("release-file", tests, NULL, NULL);
}
