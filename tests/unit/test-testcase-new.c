/* testcase_new: what it writes is a testcase, its samples are right, and nothing is overwritten. */
#include "unit/base.h"

#include <sys/stat.h>

#include "core/check_results.h"
#include "core/testcase.h"
#include "core/testcase_new.h"
#include "fakes/put_file.h"

enum { TEXT_MAX = 64 << 10 };

/* "key: ..." or "- key: ...", however far in. */
static bool is_yaml(const char *s)
{
    s += strspn(s, " -");
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz-");

    return len > 0 && s[len] == ':';
}

/* The text with its samples: those lines behind '#' that are YAML. */
static char *with_samples(const char *text)
{
    AUTO_STR s = STR_INIT(TEXT_MAX);

    while (*text) {
        size_t len = strcspn(text, "\n") + 1, blanks = strspn(text, " ");
        bool sample = str_starts(text + blanks, "# ") && is_yaml(text + blanks + 2);

        str_add_mem(&s, text, sample ? blanks : len);
        if (sample)
            str_add_mem(&s, text + blanks + 2, len - blanks - 2);
        text += len;
    }
    return str_take(&s);
}

static void it_can_be_read(void **state)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *want = path_join(*state, "shop");
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(testcase_new(*state, "shop", &path, &e), &e);
    assert_string_equal(path, want);
    expect_ok(testcase_read(path, &t, &e), &e);
    assert_string_equal(t.name, "shop");
    assert_int_equal(t.check_count, 2);
    assert_string_equal(t.checks[1].run, "checks/accounts");
    assert_int_equal(t.checks[1].args.len, 2);
    assert_int_equal(t.param_count + t.manual_count, 0);
    assert_true(testcase_applies(&t, "any", NULL));
}

static void its_samples_are_right(void **state)
{
    AUTO_FREE char *path = NULL;
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(testcase_new(*state, "shop", &path, &e), &e);
    AUTO_FREE char *file = path_join(path, "testcase.yaml");
    AUTO_FREE char *text = file_read(file, TEXT_MAX, NULL, &e);
    expect_ok(text ? 0 : -1, &e);
    AUTO_FREE char *all = with_samples(text);
    put_file(path, "testcase.yaml", all, 0644);
    put_file(path, "checks/wait-ready", "#!/bin/sh\n", 0755);
    put_file(path, "steps/login.md", "Log in.\n", 0644);
    expect_ok(testcase_read(path, &t, &e), &e);
    assert_string_equal(t.owner, "shop-team");
    assert_int_equal(t.images.len, 1);
    assert_int_equal(t.categories.len, 1);
    assert_string_equal(t.ready.argv.ptr[0], "checks/wait-ready");
    assert_int_equal(t.output_max, 256 << 10);
    assert_int_equal(t.param_count, 2);
    assert_true(t.params[1].secret && t.params[1].required);
    assert_int_equal(t.manual_count, 1);
    assert_string_equal(t.manual[0].file, "steps/login.md");
    const struct check *c = &t.checks[1];
    assert_string_equal(c->user, "www-data");
    assert_int_equal(c->timeout_ms, 120000);
    assert_int_equal(c->stages, 1u << POINT_REBOOTED);
    assert_int_equal(c->results, CHECK_TAP);
    assert_string_equal(c->report, "report.xml");
}

static void what_is_there_stays(void **state)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *other = path_join(*state, "shop/mine");
    AUTO_FREE char *spoiled = path_join(*state, "shop/testcase.yaml");
    AUTO_ERR e = NULL;

    put_file(*state, "shop/mine", "mine\n", 0644);
    put_file(*state, "file", "mine\n", 0644);
    expect_err(testcase_new(*state, "shop", &path, &e), ERR_CONFLICT, "there is a '", &e);
    expect_err(testcase_new(*state, "file", &path, &e), ERR_CONFLICT, "there is a '", &e);
    assert_null(path);
    assert_true(file_exists(other));
    assert_false(file_exists(spoiled));
}

static void a_name_is_no_path(void **state)
{
    static const char *const bad[] = { "", "..", "../shop", "Shop", "a/b", "-a", "a\x1b[2J" };
    AUTO_STRV made = { 0 };
    AUTO_ERR e = NULL;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_FREE char *path = NULL;

        expect_err(testcase_new(*state, bad[i], &path, &e), ERR_INVALID, "is no name", &e);
    }
    expect_ok(dir_list(*state, &made, &e), &e);
    assert_int_equal(made.len, 0);
}

static void a_directory_that_is_not_there_is_an_error(void **state)
{
    AUTO_FREE char *dir = path_join(*state, "none");
    AUTO_FREE char *path = NULL;
    AUTO_ERR e = NULL;

    assert_int_equal(testcase_new(dir, "shop", &path, &e), -1);
    assert_non_null(strstr(e->msg, "cannot make '"));
    assert_null(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(it_can_be_read),
        scratch_test(its_samples_are_right),
        scratch_test(what_is_there_stays),
        scratch_test(a_name_is_no_path),
        scratch_test(a_directory_that_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests_name("testcase-new", tests, NULL, NULL);
}
