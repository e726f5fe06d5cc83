/* What the kind "deb" asks of a guest, and what it makes of the answers. */
#include "unit/base.h"

#include "adapters/pkgmgrs.h"
#include "fakes/answer_guest.h"
#include "ports/guest.h"

static const char *const names[] = { "a_2_all.deb",      "notes",       "sub/b_2_all.deb",
                                     "undo/a_1_all.deb", "undo/readme", NULL };

static void only_the_patch_itself_is_applied(void **state)
{
    static const struct answer answers[] = { { .output = "done" }, { .exit = 100 } };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_STRV files = answer_guest_files(names);
    struct patch_in_guest p = answer_guest_patch(&files);
    AUTO_GUEST_RESULT first = { 0 }, second = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_deb.apply(&f.guest, &p, &first, &e), &e);
    AUTO_FREE char *keep = answer_guest_arguments(&f);
    assert_string_equal(keep, "keep /payload/patch/a_2_all.deb /payload/patch/sub/b_2_all.deb");
    assert_true(strv_has(&f.vars, "DEBIAN_FRONTEND=noninteractive"));
    assert_false(strv_has(&f.vars, "UCF_FORCE_CONFFNEW=1"));
    assert_int_equal(f.timeout_ms, 5000);
    assert_string_equal(first.output.ptr, "done");
    p.replace_conffiles = true;
    expect_ok(pkg_deb.apply(&f.guest, &p, &second, &e), &e);
    AUTO_FREE char *replace = answer_guest_arguments(&f);
    assert_true(str_starts(replace, "replace /payload"));
    assert_true(strv_has(&f.vars, "UCF_FORCE_CONFFNEW=1"));
    assert_int_equal(second.exit_code, 100); /* a result, not an error */
}

static void a_patch_without_packages_is_refused(void **state)
{
    static const char *const none[] = { "notes", "undo/a_1_all.deb", NULL };
    static const char *const unsafe[] = { "a.deb", "../b.deb", NULL };
    AUTO_ANSWER_GUEST f = answer_guest(NULL);
    AUTO_STRV few = answer_guest_files(none), bad = answer_guest_files(unsafe);
    struct patch_in_guest p = answer_guest_patch(&few);
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(pkg_deb.apply(&f.guest, &p, &r, &e), ERR_INVALID, "it holds no .deb file", &e);
    p.files = &bad;
    expect_err(pkg_deb.apply(&f.guest, &p, &r, &e), ERR_INVALID, "'../b.deb' is no safe path", &e);
    expect_err(pkg_deb.undo(&f.guest, &p, &r, &e), ERR_INVALID, "'../b.deb' is no safe path", &e);
    assert_int_equal(f.calls, 0);
}

static void the_older_packages_take_it_back(void **state)
{
    static const struct answer answers[] = { { 0 }, { .output = "done", .exit = 1 } };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_STRV files = answer_guest_files(names);
    struct patch_in_guest p = answer_guest_patch(&files);
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_deb.undo(&f.guest, &p, &r, &e), &e);
    assert_int_equal(f.calls, 2); /* the plan first */
    AUTO_FREE char *args = answer_guest_arguments(&f);
    assert_string_equal(args, "undo /payload/patch/undo/a_1_all.deb");
    assert_int_equal(f.timeout_ms, 5000);
    assert_int_equal(r.exit_code, 1);
}

static void what_is_not_there_cannot_be_brought_back(void **state)
{
    static const struct answer answers[] = {
        { .output = "a 1\nb\x1b[2J 2\n" },
        { .output = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n" },
    };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_STRV files = answer_guest_files(names);
    struct patch_in_guest p = answer_guest_patch(&files);
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(pkg_deb.undo(&f.guest, &p, &r, &e), ERR_NOT_FOUND,
               "the patch does not bring 'a 1', 'b\\x1b[2J 2', so that only restoring the VM", &e);
    assert_int_equal(f.calls, 1); /* nothing was touched */
    AUTO_FREE char *args = answer_guest_arguments(&f);
    assert_true(str_starts(args, "plan "));
    expect_err(pkg_deb.undo(&f.guest, &p, &r, &e), ERR_NOT_FOUND, "'10', and 2 more, so that", &e);
}

static void questions_need_an_answer(void **state)
{
    static const struct {
        struct answer answer;
        const char *message;
    } table[] = {
        { { .gone = true }, "the guest is gone" },
        { { .timed_out = true }, "the guest did not answer in 60 s" },
        { { .exit = 1 }, "the question ended with status 1" },
        { { .longer = true }, "the answer is longer than" },
    };
    AUTO_STRV files = answer_guest_files(names);
    struct patch_in_guest p = answer_guest_patch(&files);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct answer answers[] = { table[i].answer, table[i].answer, table[i].answer };
        AUTO_ANSWER_GUEST f = answer_guest(answers);
        AUTO_PACKAGE_LIST l = { 0 };
        AUTO_PKG_STATE s = { 0 };
        AUTO_GUEST_RESULT r = { 0 };
        AUTO_ERR e = NULL;

        expect_err(pkg_deb.list(&f.guest, &l, &e), ERR_GUEST, table[i].message, &e);
        expect_err(pkg_deb.state(&f.guest, &s, &e), ERR_GUEST, table[i].message, &e);
        expect_err(pkg_deb.undo(&f.guest, &p, &r, &e), ERR_GUEST, table[i].message, &e);
    }
}

static void the_state_is_read(void **state)
{
    static const struct answer answers[] = {
        { .output = "package\thi \ta\t1\nend\n" },
        { .output = "nonsense\nend\n" },
    };
    AUTO_ANSWER_GUEST f = answer_guest(answers);
    AUTO_PKG_STATE s = { 0 }, none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(pkg_deb.state(&f.guest, &s, &e), &e);
    assert_int_equal(s.held_count, 1);
    expect_err(pkg_deb.state(&f.guest, &none, &e), ERR_GUEST,
               "cannot ask how the packages stand: the guest's state of packages: line", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_patch_itself_is_applied),
        cmocka_unit_test(a_patch_without_packages_is_refused),
        cmocka_unit_test(the_older_packages_take_it_back),
        cmocka_unit_test(what_is_not_there_cannot_be_brought_back),
        cmocka_unit_test(questions_need_an_answer),
        cmocka_unit_test(the_state_is_read),
    };

    return cmocka_run_group_tests_name("pkg-deb", tests, NULL, NULL);
}
