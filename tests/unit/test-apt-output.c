/* apt-output: what apt's simulation says, and why it refuses. */
#include "adapters/apt_output.h"
#include "base.h"

static void expect_change(const struct solver_change *c, const char *name, const char *arch,
                          const char *from, const char *to)
{
    assert_string_equal(c->name, name);
    assert_string_equal(c->arch, arch);
    assert_true(str_eq(c->from, from));
    assert_string_equal(c->to, to);
}

static void plans_are_read(void **state)
{
    static const char text[] =
        "Reading package lists...\n"
        "The following packages have been kept back:\n  libc6 locales\n  perl\n"
        "The following packages will be upgraded:\n  base-files tree\n"
        "Inst base-files [12.4+deb12u11] (12.4+deb12u15 updates:verified [amd64])\n"
        "Inst libgcc (1:2-3 A:1/x, B:2/y [all]) []\n"
        "Inst libx:i386 [1] (2 A [i386]) [a:amd64 b]\n"
        "Conf base-files (12.4+deb12u15 updates:verified [amd64])\n";
    AUTO_SOLVER_PLAN p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(apt_output_plan(text, &p, &e), &e);
    assert_int_equal(p.len, 3);
    expect_change(&p.ptr[0], "base-files", "amd64", "12.4+deb12u11", "12.4+deb12u15");
    expect_change(&p.ptr[1], "libgcc", "all", NULL, "1:2-3");
    expect_change(&p.ptr[2], "libx", "i386", "1", "2");
    assert_int_equal(p.kept_back.len, 3);
    assert_string_equal(p.kept_back.ptr[2], "perl");
}

static void nothing_is_a_plan(void **state)
{
    AUTO_SOLVER_PLAN p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(apt_output_plan("0 upgraded, 0 newly installed\n", &p, &e), &e);
    assert_int_equal(p.len, 0);
}

static void removals_are_refused(void **state)
{
    AUTO_SOLVER_PLAN p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(apt_output_plan("Remv mail [1]\nInst a (1 x [all])\nPurg web [2]\n", &p, &e),
               ERR_DENIED, "apt would remove packages: mail, web", &e);
    assert_int_equal(p.len, 0);
}

static void torn_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "Inst ",        "Inst a",
        "Inst a ",      "Inst a [1]",
        "Inst a [1] x", "Inst a (",
        "Inst a (1",    "Inst a (1 ",
        "Inst a (1 x)", "Inst a (1 x [all]",
        "Inst a [1](",  "Inst a [1 (2 [x])",
        "Inst a (1 x[", "Inst a (1 x [y] z)",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        AUTO_SOLVER_PLAN p = { 0 };
        AUTO_ERR e = NULL;
        expect_err(apt_output_plan(lines[i], &p, &e), ERR_IO, "is not understood", &e);
    }
}

static void refusals_give_the_reason(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(
        apt_output_refusal("x\nThe following packages have unmet dependencies:\n a : Depends: b"
                           " but it is not installable\n     Depends: c\nnext\n no\n",
                           "E: Unable to correct problems, you have held broken packages.\n", &e),
        ERR_DENIED, "apt refuses: a : Depends: b but it is not installable; Depends: c", &e);
    expect_err(apt_output_refusal("", "W: x\nE: Unable to locate package zz\n", &e), ERR_NOT_FOUND,
               "apt refuses: Unable to locate package zz", &e);
    expect_err(apt_output_refusal("", "E: Unable to correct problems\n", &e), ERR_DENIED,
               "apt refuses: Unable to correct problems", &e);
    expect_err(apt_output_refusal("", "", &e), ERR_DENIED, "it does not say why", &e);
    expect_err(apt_output_refusal("", "E: \x1b[2J\n", &e), ERR_DENIED, "\\x1b[2J", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_read),           cmocka_unit_test(nothing_is_a_plan),
        cmocka_unit_test(removals_are_refused),     cmocka_unit_test(torn_lines_are_refused),
        cmocka_unit_test(refusals_give_the_reason),
    };

    return cmocka_run_group_tests_name("apt-output", tests, NULL, NULL);
}
