/* What dpkg-query says is installed, read strictly. */
#include "unit/base.h"

#include "adapters/deb_list.h"

static int parse(const char *text, struct package_list *ret, struct err **err)
{
    return deb_list_parse(text, strlen(text), ret, err);
}

static void packages_have_their_sources(void **state)
{
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse("openssl\t3.0.11-1\tii \topenssl\t3.0.11-1\n"
                    "libssl3:amd64\t3.0.11-1+b1\tii \topenssl\t3.0.11-1\n"
                    "gone\t1\trc \tgone\t1\n"
                    "half\t1.2\tiF \thalf-src\t1.1\n"
                    "torn\t1.2\tiHR\ttorn\t1.2\n",
                    &l, &e),
              &e);
    assert_int_equal(l.len, 4);
    assert_string_equal(l.ptr[0].version, "1.2 (half-configured)");
    assert_string_equal(l.ptr[0].source, "half-src");
    assert_string_equal(l.ptr[0].source_version, "1.1");
    assert_string_equal(l.ptr[1].name, "libssl3:amd64");
    assert_string_equal(l.ptr[1].source, "openssl");
    assert_string_equal(l.ptr[1].source_version, "3.0.11-1");
    assert_string_equal(l.ptr[3].version, "1.2 (reinstall required)");
}

static const struct {
    const char *text, *message;
} bad[] = {
    { "a\t1\tii \ta\t1", "it ends in the middle of a line" },
    { "a\t1\tii \n", "is not understood" },
    { "a\t1\tii \ta\n", "is not understood" },
    { "a\t1\tii \ta\t1\tx\n", "is not understood" },
    { "a\t1\tii \tA b\t1\n", "is not understood" },
    { "a\t1\tii \ta\t1;rm\n", "is not understood" },
    { "a\t1\tii \t\t\n", "is not understood" },
    { "a\t1\txx \ta\t1\n", "is not understood" },
    { "a b\t1\tii \ta\t1\n", "is not understood" },
    { "\n", "is not understood" },
    { "a\t1\tii \ta\t1\na\t2\tii \ta\t2\n", "'a' stands there twice" },
};

static void anything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_PACKAGE_LIST l = { 0 };
        AUTO_ERR e = NULL;

        expect_err(parse(bad[i].text, &l, &e), ERR_GUEST, bad[i].message, &e);
        assert_int_equal(l.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_have_their_sources),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests_name("deb-list", tests, NULL, NULL);
}
