/* How a guest's packages stand: what it says is read strictly, and its state is told right. */
#include "unit/base.h"

#include "adapters/deb_script.h"
#include "adapters/deb_state.h"
#include "base/proc.h"

static int parse(const char *text, struct pkg_state *ret, struct err **err)
{
    return deb_state_parse(text, strlen(text), ret, err);
}

static void every_line_is_understood(void **state)
{
    AUTO_PKG_STATE s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse("package\tii \tfine\t1\n"
                    "package\trc \tgone\t\n"
                    "package\tiF \thalf:amd64\t1.2\n"
                    "package\thHR\ttorn\t2\n"
                    "package\tiiR\tagain\t3\n"
                    "package\thi \tkernel\t6.1\n"
                    "skipped\tkernel\t6.1\t6.2\n"
                    "conffile\topenssl\t/etc/ssl/openssl.cnf\tkept\t/etc/x y\tdpkg\n"
                    "conffile\t-\t/etc/default/grub\treplaced\t-\tucf\n"
                    "reboot\tpackage\tlinux-base\n"
                    "reboot\tkernel\t6.1.0-30-amd64\t6.1.0-28-amd64\n"
                    "reboot\tunknown\n"
                    "end\n",
                    &s, &e),
              &e);
    assert_int_equal(s.broken_count, 3);
    assert_string_equal(s.broken[0].name, "half:amd64");
    assert_string_equal(s.broken[0].version, "1.2");
    assert_string_equal(s.broken[0].state, "half-configured");
    assert_string_equal(s.broken[1].state, "half-installed, reinstall required");
    assert_string_equal(s.broken[2].state, "reinstall required");
    assert_int_equal(s.held_count, 2); /* what was left out stands there once */
    assert_string_equal(s.held[0].name, "kernel");
    assert_string_equal(s.held[0].version, "6.1");
    assert_string_equal(s.held[0].offered, "6.2");
    assert_null(s.held[1].offered);
    assert_int_equal(s.conffile_count, 2);
    assert_string_equal(s.conffiles[0].package, "openssl");
    assert_string_equal(s.conffiles[0].other, "/etc/x y");
    assert_false(s.conffiles[0].replaced);
    assert_null(s.conffiles[1].package);
    assert_null(s.conffiles[1].other);
    assert_true(s.conffiles[1].replaced);
    assert_string_equal(s.conffiles[1].asker, "ucf");
    assert_int_equal(s.reboot.len, 3);
    assert_string_equal(s.reboot.ptr[0], "package 'linux-base' asks for it");
    assert_string_equal(s.reboot.ptr[1],
                        "kernel '6.1.0-30-amd64' is installed, '6.1.0-28-amd64' runs");
}

static const struct {
    const char *text, *message;
} bad[] = {
    { "", "it has no end" },
    { "end", "it has no end" },
    { "package\tii \ta\t1\n", "it has no end" },
    { "end\nend\n", "is not understood" },
    { "package\tii \ta\n", "is not understood" },
    { "package\tii \ta\t1\t\nend\n", "is not understood" },
    { "package\txx \ta\t1\nend\n", "is not understood" },
    { "package\tii \ta b\t1\nend\n", "is not understood" },
    { "package\tiF \ta\t1;2\nend\n", "is not understood" },
    { "package\tiF \ta\t\nend\n", "is not understood" },
    { "skipped\ta\t1\nend\n", "is not understood" },
    { "skipped\ta\t1\t\nend\n", "is not understood" },
    { "conffile\ta\tetc/x\tkept\t-\tdpkg\nend\n", "is not understood" },
    { "conffile\ta\t/etc/x\tasked\t-\tdpkg\nend\n", "is not understood" },
    { "conffile\ta\t/etc/x\tkept\tx\tdpkg\nend\n", "is not understood" },
    { "conffile\ta\t/etc/x\tkept\t-\tme\nend\n", "is not understood" },
    { "conffile\ta b\t/etc/x\tkept\t-\tdpkg\nend\n", "is not understood" },
    { "conffile\ta\t/etc/x\tkept\t-\tdpkg\t\nend\n", "is not understood" },
    { "reboot\nend\n", "is not understood" },
    { "reboot\tpackage\t\nend\n", "is not understood" },
    { "reboot\tpackage\ta\x1b[2J\nend\n", "a\\x1b[2J' is not understood" },
    { "reboot\tkernel\t6.1\nend\n", "is not understood" },
    { "reboot\tbecause\tx\nend\n", "is not understood" },
    { "a\tb\tc\td\te\tf\tg\nend\n", "is not understood" },
    { "\nend\n", "is not understood" },
};

static void anything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_PKG_STATE s = { 0 };
        AUTO_ERR e = NULL;

        expect_err(parse(bad[i].text, &s, &e), ERR_GUEST, bad[i].message, &e);
        assert_int_equal(s.broken_count + s.held_count + s.conffile_count + s.reboot.len, 0);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    AUTO_STR many = STR_INIT(DEB_STATE_MAX), wide = STR_INIT(DEB_STATE_MAX);
    AUTO_PKG_STATE s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i < DEB_STATE_LINES_MAX; i++)
        str_add(&many, "package\tii \ta\t1\n");
    str_add(&many, "end\n");
    expect_err(parse(many.ptr, &s, &e), ERR_GUEST, "it has more than 20000 lines", &e);
    str_add(&wide, "conffile\t-\t/");
    for (int i = 0; i < 10000; i++)
        str_add(&wide, "x");
    str_add(&wide, "\tkept\t-\tdpkg\nend\n");
    expect_err(parse(wide.ptr, &s, &e), ERR_GUEST, "is not understood", &e);
    expect_err(deb_state_parse("package\tii \ta\0\t1\nend\n", 21, &s, &e), ERR_GUEST,
               "is not understood", &e);
}

/* This machine's own answer. */
static void a_real_system_is_understood(void **state)
{
    AUTO_STR script = STR_INIT(1 << 20);
    AUTO_PROC_RESULT r = { .out = STR_INIT(DEB_STATE_MAX), .err = STR_INIT(4096) };
    AUTO_PKG_STATE s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    if (!file_exists("/usr/bin/dpkg-query"))
        skip();
    for (const char *const *piece = deb_state_script; *piece; piece++)
        str_add(&script, *piece);
    const char *const argv[] = { "/bin/sh", "-c", script.ptr, NULL };
    const struct proc_spec spec = {
        .argv = argv,
        .out_max = DEB_STATE_MAX,
        .err_max = 4096,
        .timeout_ms = 60000,
    };
    expect_ok(proc_run_ok(&spec, &r, &e), &e);
    expect_ok(deb_state_parse(r.out.ptr, r.out.len, &s, &e), &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_understood),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(what_is_too_much_is_refused),
        cmocka_unit_test(a_real_system_is_understood),
    };

    return cmocka_run_group_tests_name("deb-state", tests, NULL, NULL);
}
