/* What the kind "rpm" asks of a guest, and what it makes of the answers. */
#include "unit/base.h"

#include "adapters/pkgmgrs.h"
#include "adapters/rpm_list.h"
#include "adapters/rpm_state.h"
#include "fakes/answer_guest.h"

#define NOTES "/var/lib/patchlab/rpm"

static const char *const names[] = { "a-2-1.noarch.rpm", "notes", "sub/b-2-1.noarch.rpm",
                                     "undo/a-1-1.noarch.rpm", NULL };

static void only_the_patch_itself_is_applied(void **state)
{
    static const struct answer answers[] = { { .output = "done", .exit = 3 } };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_STRV files = answer_guest_files(names);
    struct patch_in_guest p = answer_guest_patch(&files);
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_rpm.apply(&f.guest, &p, &r, &e), &e);
    AUTO_FREE char *args = answer_guest_arguments(&f);
    assert_string_equal(args, NOTES
                        " /payload/patch/a-2-1.noarch.rpm /payload/patch/sub/b-2-1.noarch.rpm");
    assert_int_equal(f.timeout_ms, 5000);
    assert_int_equal(r.exit_code, 3);
}

static void a_patch_without_packages_is_refused(void **state)
{
    static const char *const none[] = { "a.deb", "undo/a-1-1.noarch.rpm", NULL };
    static const char *const unsafe[] = { "a.rpm", "../b.rpm", NULL };
    AUTO_ANSWER_GUEST f = answer_guest((struct answer[]){ { 0 } });
    AUTO_STRV few = answer_guest_files(none), bad = answer_guest_files(unsafe);
    struct patch_in_guest p = answer_guest_patch(&few);
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(pkg_rpm.apply(&f.guest, &p, &r, &e), ERR_INVALID, "it holds no .rpm file", &e);
    p.files = &bad;
    expect_err(pkg_rpm.apply(&f.guest, &p, &r, &e), ERR_INVALID, "'../b.rpm' is no safe path", &e);
    expect_err(pkg_rpm.undo(&f.guest, &p, &r, &e), ERR_INVALID, "'../b.rpm' is no safe path", &e);
    assert_int_equal(f.calls, 0);
}

static void the_older_packages_take_it_back(void **state)
{
    static const struct answer answers[] = { { 0 }, { .exit = 1 }, { .output = "b.noarch 1-1\n" } };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_STRV files = answer_guest_files(names);
    struct patch_in_guest p = answer_guest_patch(&files);
    AUTO_GUEST_RESULT r = { 0 }, none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_rpm.undo(&f.guest, &p, &r, &e), &e);
    assert_int_equal(f.calls, 2); /* the plan first */
    AUTO_FREE char *args = answer_guest_arguments(&f);
    assert_string_equal(args, "undo " NOTES " /payload/patch/undo/a-1-1.noarch.rpm");
    assert_int_equal(r.exit_code, 1);
    expect_err(pkg_rpm.undo(&f.guest, &p, &none, &e), ERR_NOT_FOUND,
               "the patch does not bring 'b.noarch 1-1', so that only restoring the VM", &e);
    assert_int_equal(f.calls, 3); /* nothing was touched */
}

/* --- what is installed ---------------------------------------------------------------------- */

static int parse(const char *text, struct package_list *ret, struct err **err)
{
    return rpm_list_parse(text, strlen(text), ret, err);
}

static void the_list_is_read(void **state)
{
    static const struct answer answers[] = {
        { .output = "openssl\tx86_64\t1:3.0.7-16.el9\topenssl-3.0.7-16.el9.src.rpm\n"
                    "kernel-core\tx86_64\t5.14.0-70.el9\tkernel-5.14.0-70.el9.src.rpm\n"
                    "kernel-core\tx86_64\t5.14.0-162.el9\tkernel-5.14.0-162.el9.src.rpm\n"
                    "gpg-pubkey\t(none)\t8483c65d-5ccc5b19\t(none)\n" },
        { .output = "openssl\n" },
    };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_PACKAGE_LIST l = { 0 }, none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_rpm.list(&f.guest, &l, &e), &e);
    assert_int_equal(l.len, 4);
    assert_string_equal(l.ptr[0].name, "gpg-pubkey");
    assert_string_equal(l.ptr[1].name, "kernel-core:x86_64");
    assert_string_equal(l.ptr[1].version, "5.14.0-162.el9");
    assert_string_equal(l.ptr[1].source, "kernel");
    assert_string_equal(l.ptr[2].name, "kernel-core:x86_64 5.14.0-70.el9");
    assert_string_equal(l.ptr[3].version, "1:3.0.7-16.el9");
    assert_string_equal(l.ptr[3].source_version, "1:3.0.7-16.el9");
    expect_err(pkg_rpm.list(&f.guest, &none, &e), ERR_GUEST,
               "cannot list the packages: the guest's list of packages: line 'openssl'", &e);
}

static void a_list_that_is_something_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "a\tnoarch\t1-1\n",
        "a\tnoarch\t1-1\t(none)\tmore\n",
        "a b\tnoarch\t1-1\t(none)\n",
        "-a\tnoarch\t1-1\t(none)\n",
        "a\tno arch\t1-1\t(none)\n",
        "a\tnoarch\t1\t(none)\n",
        "a\tnoarch\tx:1-1\t(none)\n",
        "a\tnoarch\t1-1-1\t(none)\n",
        "a\tnoarch\t\x1b-1\t(none)\n",
        "a\tnoarch\t1-1\ta.src.rpm\n",
        "a\tnoarch\t1-1\ta-1-1.rpm\n",
        "\n",
    };
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_err(parse(bad[i], &l, &e), ERR_GUEST, "is not understood", &e);
    expect_err(parse("a\tnoarch\t1-1\t(none)", &l, &e), ERR_GUEST, "in the middle of a line", &e);
    expect_err(
        parse("a\tnoarch\t1-1\t(none)\na\tnoarch\t1-1\t(none)\na\tnoarch\t1-1\t(none)\n", &l, &e),
        ERR_GUEST, "stands there twice", &e);
    expect_ok(parse("", &l, &e), &e);
    assert_int_equal(l.len, 0);
}

/* --- how it stands -------------------------------------------------------------------------- */

static void the_state_is_read(void **state)
{
    static const struct answer answers[] = {
        { .output = "conffile\tkept\t/etc/a\t/etc/a.rpmnew\n"
                    "conffile\treplaced\t/etc/b c\t/etc/b c.rpmsave\n"
                    "reboot\tkernel\t5.14.0-162\t5.14.0-70\nreboot\tneeds-restarting\nend\n" },
        { .output = "conffile\n" },
    };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_PKG_STATE s = { 0 }, none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_rpm.state(&f.guest, &s, &e), &e);
    assert_int_equal(s.conffile_count, 2);
    assert_false(s.conffiles[0].replaced);
    assert_string_equal(s.conffiles[0].other, "/etc/a.rpmnew");
    assert_string_equal(s.conffiles[0].asker, "rpm");
    assert_true(s.conffiles[1].replaced);
    assert_int_equal(s.reboot.len, 2);
    assert_string_equal(s.reboot.ptr[0], "kernel 5.14.0-162 is installed, 5.14.0-70 runs");
    expect_err(pkg_rpm.state(&f.guest, &none, &e), ERR_GUEST,
               "cannot ask how the packages stand: the guest's state of packages: line", &e);
}

static void a_state_that_is_something_else_is_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        { "", "not complete" },
        { "reboot\tneeds-restarting\n", "not complete" },
        { "end", "not understood" },
        { "end\nend\n", "something follows" },
        { "conffile\tkept\tetc\t/x\nend\n", "not understood" },
        { "conffile\tmaybe\t/etc/a\t/x\nend\n", "not understood" },
        { "conffile\tkept\t/etc/a\t/x\t/y\nend\n", "not understood" },
        { "reboot\tkernel\ta b\tc\nend\n", "not understood" },
        { "reboot\tkernel\ta\nend\n", "not understood" },
        { "reboot\nend\n", "not understood" },
    };
    AUTO_PKG_STATE s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_err(rpm_state_parse(bad[i].text, strlen(bad[i].text), &s, &e), ERR_GUEST,
                   bad[i].part, &e);
}

static void questions_need_an_answer(void **state)
{
    static const struct answer answers[] = { { .gone = true },
                                             { .exit = 127 },
                                             { .longer = true } };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_PKG_STATE s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(pkg_rpm.list(&f.guest, &l, &e), ERR_GUEST, "packages: the guest is gone", &e);
    expect_err(pkg_rpm.state(&f.guest, &s, &e), ERR_GUEST, "ended with status 127", &e);
    expect_err(pkg_rpm.list(&f.guest, &l, &e), ERR_GUEST, "the answer is longer than", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_patch_itself_is_applied),
        cmocka_unit_test(a_patch_without_packages_is_refused),
        cmocka_unit_test(the_older_packages_take_it_back),
        cmocka_unit_test(the_list_is_read),
        cmocka_unit_test(a_list_that_is_something_else_is_refused),
        cmocka_unit_test(the_state_is_read),
        cmocka_unit_test(a_state_that_is_something_else_is_refused),
        cmocka_unit_test(questions_need_an_answer),
    };

    return cmocka_run_group_tests_name("pkg-rpm", tests, NULL, NULL);
}
