/* JUnit XML of many writers, and of those who mean harm. */
#include "unit/base.h"

#include "adapters/result_formats.h"
#include "fakes/tell_results.h"

#define SUITE(inner) "<testsuite name='s'>" inner "</testsuite>"

static const struct {
    const char *text, *told;
} table[] = {
    { "<testsuites/>", "" },
    { SUITE(""), "" },
    { SUITE("<testcase classname='c' name='a' time='0.25'/>"), "pass c.a 250 ms" },
    { SUITE("<testcase name='a'/>"), "pass s.a" },
    { "<testsuite><testcase name='a'/><testcase/></testsuite>", "pass a|pass test" },
    { SUITE("<testcase classname='c' name='a'><failure message='m' type='t'>\n at x\n</failure>"
            "</testcase>"),
      "fail c.a: m\nat x" },
    { SUITE("<testcase classname='c' name='a'><error>x</error></testcase>"), "fail c.a: x" },
    { SUITE("<testcase classname='c' name='a'><skipped message='m'/></testcase>"), "skip c.a: m" },
    { SUITE("<testcase classname='c' name='a'><skipped/><failure/></testcase>"
            "<testcase classname='c' name='b'><failure/><skipped/></testcase>"),
      "fail c.a|fail c.b" },
    { SUITE("<testcase classname='c' name='a'><system-out>said</system-out></testcase>"),
      "pass c.a" },
    { SUITE("<testcase classname='c' name='a'><system-out>said</system-out><failure>f</failure>"
            "<system-err>cried</system-err></testcase>"),
      "fail c.a: f\nsaid\ncried" },
    { SUITE("<testcase name='a' status='notrun'/><testcase name='b' result='suppressed'/>"
            "<testcase name='c' status='run' result='completed'/>"),
      "skip s.a|skip s.b|pass s.c" },
    { SUITE("<testcase classname='c' name='a'><properties><property name='x' value='y'/>"
            "</properties><rerunFailure>x</rerunFailure></testcase>"),
      "pass c.a" },
    { "<testsuites>" SUITE("<properties/>" SUITE("<testcase name='a'/>") "<testcase name='b'/>")
          SUITE("<testcase name='a'/>") "</testsuites>",
      "pass s.a|pass s.b|pass s.a #2" },
    { SUITE("<testcase classname='c' name='a' time='1,234.5'/>"
            "<testcase classname='c' name='b' time='-1'/>"
            "<testcase classname='c' name='d' time='99999999999999'/>"
            "<testcase classname='c' name='e' time='1e3'/>"),
      "pass c.a 1234500 ms|pass c.b|pass c.d|pass c.e" },
    { SUITE("<testcase classname='c' name='&lt;a&gt;&#10;b'/>"), "pass c.<a>\\x0ab" },
    { SUITE("<testcase classname='c' name='a'><failure><![CDATA[\xc2\x85 <&>]]></failure>"
            "</testcase>"),
      "fail c.a: \\x85 <&>" },
    { "<?xml version='1.0' encoding='UTF-8'?><testsuites><wrapper>" SUITE(
          "<testcase name='a'/>") "</wrapper></testsuites>",
      "pass s.a" },
};

static const struct {
    const char *text, *message;
} bad[] = {
    { "", "report:1: not valid XML" },
    { "1..1\nok\n", "report:1: not valid XML" },
    { "<html/>", "report:1: expected 'testsuites' or 'testsuite'" },
    { "<testcase name='a'/>", "expected 'testsuites' or 'testsuite'" },
    { SUITE("\n<testcase><testcase/></testcase>"), "report:2: a test in a test" },
    { SUITE("<testcase><failure><testcase/></failure></testcase>"), "a test in a test" },
    { SUITE("<testcase><testsuite/></testcase>"), "a suite in a test" },
    { "<testsuite>", "not valid XML" },
    { "<!DOCTYPE testsuites [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><testsuites>&b;</testsuites>",
      "document type" },
    { "<!DOCTYPE x SYSTEM 'file:///etc/shadow'><testsuites/>", "document type" },
    { SUITE("<testcase name='&#27;[2J'/>"), "not valid XML" },
};

static int parse(const char *text, size_t len, struct sub_result_list *ret, struct err **err)
{
    return result_junit.parse(text, len, ret, err);
}

static void elements_mean_what_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_SUB_RESULTS l = { 0 };
        AUTO_ERR e = NULL;

        expect_ok(parse(table[i].text, strlen(table[i].text), &l, &e), &e);
        AUTO_FREE char *told = tell_results(&l);
        assert_string_equal(told, table[i].told);
        assert_null(l.skipped);
    }
}

static void what_is_no_report_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_SUB_RESULTS l = { 0 };
        AUTO_ERR e = NULL;

        expect_err(parse(bad[i].text, strlen(bad[i].text), &l, &e), ERR_INVALID, bad[i].message,
                   &e);
        assert_int_equal(l.len, 0);
    }
}

static void suites_are_nested_within_limits(void **state)
{
    AUTO_STR text = STR_INIT(1 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i <= SUB_DEPTH_MAX; i++)
        str_add(&text, "<testsuite>");
    expect_err(parse(text.ptr, text.len, &l, &e), ERR_INVALID, "suites are nested too deeply", &e);
    str_clear(&text);
    str_add(&text, "<testsuites>");
    for (int i = 0; i < 100; i++)
        str_add(&text, "<x>");
    expect_err(parse(text.ptr, text.len, &l, &e), ERR_INVALID, "nested too deeply", &e);
}

static void tests_are_counted(void **state)
{
    AUTO_STR text = STR_INIT(16 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    str_add(&text, "<testsuite>");
    for (int i = 0; i < SUB_RESULTS_MAX; i++)
        str_addf(&text, "<testcase name='t%d'/>\n", i);
    size_t len = text.len;
    str_add(&text, "</testsuite>");
    expect_ok(parse(text.ptr, text.len, &l, &e), &e);
    assert_int_equal(l.len, SUB_RESULTS_MAX);
    sub_result_list_release(&l);
    text.ptr[text.len = len] = '\0';
    str_add(&text, "<testcase/></testsuite>");
    expect_err(parse(text.ptr, text.len, &l, &e), ERR_INVALID,
               "report:100001: it has more than 100000 tests", &e);
}

static void long_texts_are_cut(void **state)
{
    AUTO_STR text = STR_INIT(1 << 20);
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    str_add(&text, "<testsuite><testcase name='a'><failure message='m'>");
    for (int i = 0; i < 10000; i++)
        str_add(&text, "words ");
    str_add(&text, "</failure></testcase></testsuite>");
    expect_ok(parse(text.ptr, text.len, &l, &e), &e);
    assert_in_range(l.ptr[0].message.len, SUB_MESSAGE_MAX - 10, SUB_MESSAGE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_mean_what_they_should),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(suites_are_nested_within_limits),
        cmocka_unit_test(tests_are_counted),
        cmocka_unit_test(long_texts_are_cut),
    };

    return cmocka_run_group_tests_name("result-junit", tests, NULL, NULL);
}
