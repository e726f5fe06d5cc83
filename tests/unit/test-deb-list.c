/* What dpkg-query says is installed, read strictly. */
#include "unit/base.h"

#include "adapters/deb_list.h"
#include "base/proc.h"

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

/* What dpkg of this machine prints for our format. */
static void the_real_thing_is_understood(void **state)
{
    static const char *const argv[] = { "/bin/sh", "-c",
                                        "exec dpkg-query -W -f '" DEB_LIST_FORMAT "'", NULL };
    struct proc_spec spec = {
        .argv = argv,
        .out_max = DEB_LIST_MAX,
        .err_max = 4096,
        .timeout_ms = 60000,
    };
    AUTO_PROC_RESULT r = { .out = STR_INIT(DEB_LIST_MAX), .err = STR_INIT(4096) };
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    if (!file_exists("/usr/bin/dpkg-query"))
        skip();
    expect_ok(proc_run_ok(&spec, &r, &e), &e);
    expect_ok(deb_list_parse(r.out.ptr, r.out.len, &l, &e), &e);
    assert_true(l.len > 10);
    for (size_t i = 0; i < l.len; i++) {
        if (str_eq(l.ptr[i].name, "libc6:amd64"))
            assert_string_equal(l.ptr[i].source, "glibc");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_have_their_sources),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(the_real_thing_is_understood),
    };

    return cmocka_run_group_tests_name("deb-list", tests, NULL, NULL);
}
