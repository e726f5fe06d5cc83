/* TAP: each line as its writers mean it, and nothing that a stranger writes gets through. */
#include "unit/base.h"

#include "adapters/result_formats.h"
#include "fakes/tell_results.h"

static const struct {
    const char *text, *told;
} table[] = {
    { "1..2\nok 1 - a\nnot ok 2 - b\n", "pass a|fail b" },
    { "TAP version 13\nok 1 a\nok 2 b\n1..2", "pass a|pass b" },
    { "TAP version 14\r\n1..1\r\nok\r\n", "pass test 1" },
    { "1..3\nok\nok 2\nok - c", "pass test 1|pass test 2|pass c" },
    { "1..1\nok 1 - 3 blind mice\n", "pass 3 blind mice" },
    { "1..1\nok 2nd try\n", "pass 2nd try" },
    /* plans */
    { "1..0 # SKIP no printer here\n", "all skipped: no printer here" },
    { "1..0\n", "all skipped: " },
    { "1..0 # no database\n", "all skipped: no database" },
    { "1..3\nok 1 - a\n", "pass a|fail [plan]: 3 tests were planned, but 1 ran" },
    { "1..1\nok - a\nok - b\n", "pass a|pass b|fail [plan]: 1 tests were planned, but 2 ran" },
    { "ok - a\n", "pass a|fail [plan]: there is no plan, and 1 tests ran" },
    { "1..1\nok - a\n1..1\n", "pass a|fail [plan]: there is more than one plan" },
    { "ok - a\n1..2\nok - b\n",
      "pass a|pass b|fail [plan]: the plan stands neither at the beginning nor at the end" },
    { "1..2\nok 1\nok 9\n",
      "pass test 1|pass test 9|fail [plan]: test 9 is outside of the plan 1..2" },
    { "1..99999999999999999999\nok\n",
      "pass test 1|fail [plan]: 4294967295 tests were planned, but 1 ran" },
    { "1..0\nok - a\n", "pass a|fail [plan]: 0 tests were planned, but 1 ran" },
    /* bailing out */
    { "1..5\nok - a\nBail out! no disk\nok - b\n", "pass a|fail [bail out]: no disk" },
    { "Bail out!\n", "fail [bail out]: no reason is given" },
    { "1..2\n    ok 1 - x\n    bail out! now\n", "pass x|fail [bail out]: now" },
    /* directives */
    { "1..1\nok 1 - a # SKIP no net\n", "skip a: no net" },
    { "1..1\nnot ok 1 - a # skip: no net\n", "skip a: no net" },
    { "1..1\nok 1 # Skipped\n", "skip test 1" },
    { "1..1\nnot ok 1 - a # TODO later\n", "skip a todo: later" },
    { "1..1\nok 1 - a # todo\n", "skip a todo: (it passes)" },
    { "1..1\nnot ok 1 - a # todos are hard\n", "fail a # todos are hard" },
    { "1..1\nok 1 - a \\# SKIP \\\\ b\n", "pass a # SKIP \\ b" },
    { "1..1\nok 1 - issue #12 # skip x\n", "skip issue #12: x" },
    { "1..1\nok 1 - a # time=12.5ms\n", "pass a 13 ms" },
    { "1..1\nok 1 - a # time=x\n", "pass a # time=x" },
    /* diagnostics */
    { "1..2\nnot ok 1 - a\n# got 1\n#expected 2\nok 2 - b\n# fine\n",
      "fail a: # got 1\n#expected 2|pass b" },
    { "1..1\nnot ok 1 - a\nTraceback:\n  at x\n", "fail a: Traceback:\nat x" },
    { "noise\n1..1\nok - a\nnoise\nokay\nnot okay\n", "pass a" },
    { "1..1\nok 1 - a\n  ---\n  duration_ms: 3.2\n  ...\n", "pass a 3 ms" },
    { "1..1\nnot ok 1 - a\n  ---\n  message: 'x'\n  data:\n    got: 1\n\n  ok 2 - no\n  ...\n",
      "fail a: message: 'x'\ndata:\n  got: 1\nok 2 - no" },
    { "1..1\nnot ok 1 - a\n  ---\n  duration_ms: 1.5\n  code: x\n  ...\n", "fail a 2 ms: code: x" },
    { "1..2\nnot ok 1 - a\n  ---\n  open: 1\nok 2 - b\n", "fail a: open: 1|pass b" },
    { "1..1\npragma +strict\nok - a\n", "pass a" },
    /* tests in tests */
    { "1..1\n    ok 1 - x\n    not ok 2 - y\n    1..2\nnot ok 1 - login\n",
      "pass login/x|fail login/y|fail login" },
    { "# Subtest: login\n    # Subtest: deep\n        ok 1 - z\n        1..1\n    ok 1 - deep\n"
      "    1..1\nok 1 - login\n1..1\n",
      "pass login/deep/z|pass login/deep|pass login" },
    { "1..1\n    1..3\n    ok 1 - x\nok 1 - login\n",
      "pass login/x|fail login/[plan]: 3 tests were planned, but 1 ran|pass login" },
    { "1..1\nok 1 - login # time=5ms {\n    1..1\n    ok 1 - x\n}\n",
      "pass login 5 ms|pass login/x" },
    { "1..2\n# Subtest: a\n    ok 1 - x\n    1..1\nok 1 - a\n# Subtest: b\n    ok 1 - x\n"
      "    1..1\n",
      "pass a/x|pass a|pass b/x|fail [plan]: 2 tests were planned, but 1 ran" },
    { "1..1\n    # Subtest: in\n    ok 1 - x\n    1..1\nok 1 - out\n", "pass out/x|pass out" },
    { "1..1\n        ok 1 - too deep at once\nok 1 - a\n", "pass a" },
    { "1..1\n   ok 1 - three blanks\nok 1 - a\n", "pass a" },
    /* prove -v */
    { "t/a.t .. \nok 1 - x\nnot ok 2 - y\n#   Failed test 'y'\n1..2\nFailed 1/2 subtests \n"
      "t/b.t .. \n1..1\n    ok 1 - deep\n    1..1\nok 1 - x\nok\n"
      "t/c.t .. skipped: no net\nt/d.t ... \n1..0 # SKIP no net\nskipped: no net\n\n"
      "Test Summary Report\nResult: FAIL\n",
      "pass t/a.t/x|fail t/a.t/y: #   Failed test 'y'\nFailed 1/2 subtests|pass t/b.t/x/deep|"
      "pass t/b.t/x|skip t/c.t: no net|skip t/d.t: no net" },
    { "t/a.t .. skipped: (no reason given)\nResult: NOTESTS\n", "skip t/a.t: (no reason given)" },
    { "t/a.t ..\nDubious, test returned 2\nNo subtests run\n",
      "fail t/a.t/[plan]: there is no plan, and 0 tests ran" },
    { "t/a.t .. skipped: x\nok - a\n",
      "skip t/a.t: x|pass a|fail [plan]: there is no plan, and 1 tests ran" },
    { "t/a.t .. skipped: x\nok - a {\nt/b.t ..\n1..1\nok\n# Subtest: y\n",
      "skip t/a.t: x|pass a|fail [plan]: there is no plan, and 1 tests ran|pass t/b.t/test 1" },
    { "a.t . b\n.t ..\na.tt ..\na.t .. x\n1..1\nok - a\n", "pass a" },
    { "t/a.t ..\n1..2\nok 1\nDubious, test returned 255\nt/b.t ..\n1..1\nok 1\nok\n",
      "pass t/a.t/test 1|fail t/a.t/[plan]: 2 tests were planned, but 1 ran|pass t/b.t/test 1" },
    { "1..1\nt/a.t ..\nok - a\n", "pass a" },
    /* names */
    { "1..4\nok - a\nok - a\nok - a #2\nok - a\n", "pass a|pass a #2|pass a #2 #2|pass a #3" },
    { "1..1\nok - \x1b[2Jclean\xff\n", "pass \\x1b[2Jclean\\xff" },
    { "1..1\nnot ok - a\n# \x1b[31mred\n", "fail a: # \\x1b[31mred" },
};

static int parse(const char *text, size_t len, struct sub_result_list *ret, struct err **err)
{
    return result_tap.parse(text, len, ret, err);
}

static void lines_mean_what_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_SUB_RESULTS l = { 0 };
        AUTO_ERR e = NULL;

        expect_ok(parse(table[i].text, strlen(table[i].text), &l, &e), &e);
        AUTO_FREE char *told = tell_results(&l);
        assert_string_equal(told, table[i].told);
    }
}

static void what_is_no_tap_is_refused(void **state)
{
    static const char *const texts[] = { "",       "\n\n",        "hello\n", "TAP\n", "# comment\n",
                                         "okay\n", "<testsuite/>" };
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        expect_err(parse(texts[i], strlen(texts[i]), &l, &e), ERR_INVALID, "no TAP in it", &e);
    expect_err(parse("TAP version 15\n1..0\n", 20, &l, &e), ERR_INVALID,
               "line 1: TAP version 15 is not known", &e);
    assert_int_equal(l.len, 0);
}

static void a_zero_byte_is_shown(void **state)
{
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse("1..1\nok - a\0b\n", 14, &l, &e), &e);
    assert_string_equal(l.ptr[0].name, "a\\x00b");
}

static void sizes_are_limited(void **state)
{
    AUTO_STR text = STR_INIT(32 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    str_add(&text, "1..2\nnot ok - ");
    for (int i = 0; i < 1000; i++)
        str_add(&text, "\xc3\xa4");
    for (int i = 0; i < 10000; i++)
        str_add(&text, "\n# \xe2\x82\xac");
    str_add(&text, "\nok - ");
    for (int i = 0; i < 5000; i++)
        str_add(&text, "\x01");
    expect_ok(parse(text.ptr, text.len, &l, &e), &e);
    assert_int_equal(l.len, 2);
    assert_in_range(strlen(l.ptr[0].name), SUB_NAME_MAX - 20, SUB_NAME_MAX);
    assert_in_range(l.ptr[0].message.len, SUB_MESSAGE_MAX - 4, SUB_MESSAGE_MAX);
    assert_in_range(strlen(l.ptr[1].name), SUB_NAME_MAX - 20, SUB_NAME_MAX);
    AUTO_FREE char *same = str_to_utf8(l.ptr[0].name, strlen(l.ptr[0].name));
    assert_string_equal(same, l.ptr[0].name);
}

static void messages_are_limited_together(void **state)
{
    AUTO_STR text = STR_INIT(64 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_FREE char *line = xcalloc(1, 4001);
    AUTO_ERR e = NULL;

    (void)state;
    memset(line, 'x', 4000);
    for (int i = 0; i < 4000; i++)
        str_addf(&text, "not ok - a\n%s\n", line);
    str_add(&text, "1..4000\n");
    expect_ok(parse(text.ptr, text.len, &l, &e), &e);
    assert_int_equal(l.len, 4000);
    assert_in_range(l.messages, SUB_MESSAGES_MAX - 4096, SUB_MESSAGES_MAX + 4096);
    assert_int_equal(l.ptr[3999].message.len, 0);
    assert_string_equal(l.ptr[3999].name, "a #4000");
}

static void too_many_and_too_deep_are_refused(void **state)
{
    AUTO_STR many = STR_INIT(32 << 20), deep = STR_INIT(1 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i <= SUB_RESULTS_MAX; i++)
        str_add(&many, "ok\n");
    expect_err(parse(many.ptr, many.len, &l, &e), ERR_INVALID,
               "line 100001: it has more than 100000 tests", &e);
    for (int i = 0; i <= SUB_DEPTH_MAX + 1; i++)
        str_addf(&deep, "%*sok 1 - x\n", 4 * i, "");
    expect_err(parse(deep.ptr, deep.len, &l, &e), ERR_INVALID, "nested too deeply", &e);
}

/* Names that collide over and over must not make it slow. */
static void as_many_as_there_may_be_are_read(void **state)
{
    AUTO_STR text = STR_INIT(32 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i < SUB_RESULTS_MAX / 2; i++)
        str_addf(&text, "ok - a #%d\n", i + 2);
    for (int i = 0; i < SUB_RESULTS_MAX / 2; i++)
        str_add(&text, "ok - a\n");
    str_addf(&text, "1..%d\n", SUB_RESULTS_MAX);
    expect_ok(parse(text.ptr, text.len, &l, &e), &e);
    assert_int_equal(l.len, SUB_RESULTS_MAX);
    assert_string_equal(l.ptr[SUB_RESULTS_MAX - 1].name, "a #100000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_mean_what_they_should),
        cmocka_unit_test(what_is_no_tap_is_refused),
        cmocka_unit_test(a_zero_byte_is_shown),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(messages_are_limited_together),
        cmocka_unit_test(too_many_and_too_deep_are_refused),
        cmocka_unit_test(as_many_as_there_may_be_are_read),
    };

    return cmocka_run_group_tests_name("result-tap", tests, NULL, NULL);
}
