/* What an .rpm says of itself: what is read, and every way in which it can be wrong. */
#include "unit/base.h"

#include "adapters/libarchive.h"
#include "adapters/rpm_header.h"
#include "adapters/rpm_name.h"
#include "fakes/make_rpm.h"

enum { BYTES_MAX = 1 << 20, LEAD = 96, INT32 = 4, INT64 = 5, STRING = 6, ARRAY = 8 };

#define BASH "bash", "5.1.8", "6.el9"

static char *written(const char *dir, const struct str *s)
{
    AUTO_FREE char *path = path_join(dir, "x.rpm");
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, s->ptr, s->len, 0644, &e), &e);
    return TAKE(path);
}

static void refused(const char *dir, const struct str *s, const char *part)
{
    AUTO_FREE char *path = written(dir, s);
    AUTO_PACKAGE_INFO p = { 0 };
    AUTO_ERR e = NULL;

    expect_err(archive_ops.package_info(path, &p, &e), ERR_INVALID, part, &e);
    assert_null(p.name);
}

static void is(const char *dir, const struct made_rpm *m, const char *want)
{
    AUTO_STR s = STR_INIT(BYTES_MAX);
    AUTO_PACKAGE_INFO p = { 0 };
    AUTO_ERR e = NULL;

    add_rpm(&s, m);
    AUTO_FREE char *path = written(dir, &s);
    expect_ok(archive_ops.package_info(path, &p, &e), &e);
    AUTO_FREE char *found = xasprintf("%s %s %s %s", p.name, p.version, p.arch, p.source);
    assert_string_equal(found, want);
}

static void a_package_is_read(void **state)
{
    is(*state, &(struct made_rpm){ BASH }, "bash 5.1.8-6.el9 x86_64 bash");
    is(*state, &(struct made_rpm){ BASH, .epoch = "0", .arch = "noarch" },
       "bash 0:5.1.8-6.el9 noarch bash");
    is(*state,
       &(struct made_rpm){ "openssl-libs", "3.0^2~rc1", "1", .epoch = "4294967295",
                           .source = "openssl-3.0-1.nosrc.rpm" },
       "openssl-libs 4294967295:3.0^2~rc1-1 x86_64 openssl");
    is(*state, &(struct made_rpm){ BASH, .payload = "" }, "bash 5.1.8-6.el9 x86_64 bash");
}

static void what_it_says_is_checked(void **state)
{
    static const struct {
        struct made_rpm made;
        const char *part;
    } table[] = {
        { { NULL, "1", "1" }, "x.rpm': it has no name" },
        { { "a", NULL, "1", .source = "a-1-1.src.rpm" }, "it has no version" },
        { { "a", "1", NULL, .source = "a-1-1.src.rpm" }, "it has no release" },
        { { "a b", "1", "1" }, "'a b' is no valid name" },
        { { "-a", "1", "1" }, "'-a' is no valid name" },
        { { "", "1", "1" }, "'' is no valid name" },
        { { "a\x1b[2J", "1", "1" }, "'a\\x1b[2J' is no valid name" },
        { { "a", "1-2", "1", .source = "a-1-1.src.rpm" }, "'1-2' is no valid version" },
        { { "a", "1", "1:1", .source = "a-1-1.src.rpm" }, "'1:1' is no valid release" },
        { { "a", "1", "1", .arch = "../x" }, "'../x' is no valid architecture" },
        { { "a", "1", "1", .source = "" }, "it is a source package" },
        { { "a", "1", "1", .source = "a.src.rpm" }, "'a.src.rpm' is no valid source package" },
        { { "a", "1", "1", .source = "a-1-1.rpm" }, "'a-1-1.rpm' is no valid source package" },
        { { "a", "1", "1", .source = "-1-1.src.rpm" }, "is no valid source package" },
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_STR s = STR_INIT(BYTES_MAX);

        add_rpm(&s, &table[i].made);
        refused(*state, &s, table[i].part);
    }
}

/* Cut anywhere, it is refused; so is one byte too many. */
static void a_truncated_one_is_refused(void **state)
{
    AUTO_STR s = STR_INIT(BYTES_MAX);

    add_rpm(&s, &(struct made_rpm){ BASH });
    for (size_t len = 0; len < s.len; len++) {
        struct str cut = { .ptr = s.ptr, .len = len };
        refused(*state, &cut, len < LEAD ? "it is not an rpm package" : "it is truncated");
    }
    str_add(&s, "x");
    refused(*state, &s, "it is longer than it says");
}

/* Each byte from the main header on is under some digest; those before it may tell less. */
static void a_damaged_one_is_refused(void **state)
{
    AUTO_STR good = STR_INIT(BYTES_MAX);
    AUTO_STR main = STR_INIT(BYTES_MAX);
    AUTO_ERR e = NULL;

    add_rpm(&good, &(struct made_rpm){ BASH });
    char *second = memmem(good.ptr + LEAD + 1, good.len - LEAD - 1, "\x8e\xad\xe8\x01", 4);
    for (size_t i = 0; i < good.len; i++) {
        AUTO_STR bad = STR_INIT(BYTES_MAX);
        AUTO_PACKAGE_INFO p = { 0 };

        str_add_mem(&bad, good.ptr, good.len);
        bad.ptr[i] ^= 0x11;
        AUTO_FREE char *path = written(*state, &bad);
        int rc = archive_ops.package_info(path, &p, &e);
        if (rc == 0 && i >= (size_t)(second - good.ptr))
            fail_msg("byte %zu may be changed", i);
        err_clear(&e);
    }
}

/* --- headers -------------------------------------------------------------------------------- */

static void not_opened(const struct str *s, const char *part)
{
    struct rpm_header h;
    AUTO_ERR e = NULL;

    expect_err(rpm_header_open(s->ptr, s->len, RPM_REGION_IMMUTABLE, &h, &e), ERR_INVALID, part,
               &e);
}

/* The 32 bits at `at` of a good header, changed to `to`. */
static void changed(size_t at, uint32_t to, const char *part)
{
    static const struct made_tag tags[] = { { 1000, STRING, "a" }, { 1003, INT32, NULL, 7 } };
    AUTO_STR s = STR_INIT(BYTES_MAX);

    add_rpm_header(&s, 63, tags, ARRAY_LEN(tags));
    for (int i = 0; i < 4; i++)
        s.ptr[at + (size_t)i] = (char)(to >> (24 - 8 * i));
    not_opened(&s, part);
}

static void tables_are_checked(void **state)
{
    enum { FIRST = 16, SECOND = 32, THIRD = 48, TRAILER = 64 + 8 };

    (void)state;
    changed(0, 0, "no header where one is expected");
    changed(8, 0, "an empty header");
    changed(8, 4, "it is truncated");
    changed(8, UINT32_MAX, "more than 67108864 bytes");
    changed(12, UINT32_MAX, "more than 67108864 bytes");
    changed(12, 23, "it is truncated");
    changed(FIRST, 62, "older than rpm 4");
    changed(FIRST + 4, STRING, "older than rpm 4");
    changed(FIRST + 12, 15, "older than rpm 4");
    changed(FIRST + 8, 9, "it is damaged (tag 63)"); /* beyond the end */
    changed(FIRST + 8, 0, "it is damaged (its region)");
    changed(SECOND + 4, 10, "it is damaged (tag 1000)");
    changed(SECOND + 8, 24, "it is damaged (tag 1000)");
    changed(SECOND + 12, 0, "it is damaged (tag 1000)");
    changed(THIRD + 8, 2, "it is damaged (tag 1003)"); /* not aligned */
    changed(THIRD + 12, 6, "it is damaged (tag 1003)");
    changed(THIRD + 12, UINT32_MAX, "it is damaged (tag 1003)");
    changed(TRAILER, 1, "it is damaged (its region)");
    changed(TRAILER + 8, (uint32_t)-32, "tags that were added after it was built");
    changed(TRAILER + 8, (uint32_t)-64, "it is damaged (its region)");
    changed(TRAILER + 8, (uint32_t)-40, "it is damaged (its region)");
}

static struct rpm_header opened(struct str *s, const struct made_tag *tags, size_t n)
{
    struct rpm_header h;
    AUTO_ERR e = NULL;

    add_rpm_header(s, 63, tags, n);
    expect_ok(rpm_header_open(s->ptr, s->len, RPM_REGION_IMMUTABLE, &h, &e), &e);
    return h;
}

static void tags_are_checked(void **state)
{
    static const struct made_tag tags[] = {
        { 1, STRING, "a" },       { 1, STRING, "b" },
        { 2, INT32, NULL, 7 },    { 3, INT64, NULL, 1ull << 40 },
        { 4, ARRAY, "one" },      { 5, ARRAY, "two", 0, 2 },
        { 6, INT32, NULL, 7, 2 },
    };
    AUTO_STR s = STR_INIT(BYTES_MAX);
    struct rpm_header h = opened(&s, tags, ARRAY_LEN(tags));
    const char *text = "unchanged";
    uint64_t number = 0;
    bool there = false;
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(rpm_header_text(&h, 1, &text, &e), ERR_INVALID, "tag 1 stands there twice", &e);
    expect_err(rpm_header_text(&h, 2, &text, &e), ERR_INVALID, "tag 2 is no text", &e);
    expect_err(rpm_header_text(&h, 5, &text, &e), ERR_INVALID, "tag 5 is no text", &e);
    expect_err(rpm_header_int(&h, 4, &number, &there, &e), ERR_INVALID, "tag 4 is no number", &e);
    expect_err(rpm_header_int(&h, 6, &number, &there, &e), ERR_INVALID, "tag 6 is no number", &e);
    assert_string_equal(text, "unchanged");
    expect_ok(rpm_header_int(&h, 3, &number, &there, &e), &e);
    assert_true(there && number == 1ull << 40);
    expect_ok(rpm_header_text(&h, 4, &text, &e), &e);
    assert_string_equal(text, "one");
    expect_ok(rpm_header_text(&h, 9, &text, &e), &e);
    assert_null(text);
    expect_ok(rpm_header_int(&h, 9, &number, &there, &e), &e);
    assert_false(there);
}

/* --- names ---------------------------------------------------------------------------------- */

static void names_and_versions(void **state)
{
    AUTO_FREE char *name = NULL, *version = NULL;

    (void)state;
    assert_true(rpm_name_is_valid("libstdc++"));
    assert_true(rpm_name_is_valid("NetworkManager"));
    assert_false(rpm_name_is_valid("a:b"));
    assert_true(rpm_evr_is_valid("1:2.0~rc^1-3.el9_1"));
    assert_false(rpm_evr_is_valid("1:-1"));
    assert_false(rpm_evr_is_valid("1.0"));
    assert_false(rpm_evr_is_valid(":1-1"));
    assert_false(rpm_evr_is_valid("1-1-1"));
    assert_false(rpm_evr_is_valid("12345678901:1-1"));
    assert_int_equal(rpm_source_split("a-b-1.0-2.src.rpm", &name, &version), 0);
    assert_string_equal(name, "a-b");
    assert_string_equal(version, "1.0-2");
}

/* With what rpmbuild really makes, where it is installed: test-rpm-script. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_package_is_read),          scratch_test(what_it_says_is_checked),
        scratch_test(a_truncated_one_is_refused), scratch_test(a_damaged_one_is_refused),
        cmocka_unit_test(tables_are_checked),     cmocka_unit_test(tags_are_checked),
        cmocka_unit_test(names_and_versions),
    };

    return cmocka_run_group_tests_name("rpm-header", tests, NULL, NULL);
}
