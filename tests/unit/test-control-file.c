/* control-file: stanzas of Debian's control files, and what is refused of them. */
#include "base.h"
#include "core/control_file.h"

static int first(const char *text, struct control_stanza *ret, struct err **err)
{
    struct control_reader r = control_reader(text, strlen(text), "f");

    return control_next(&r, ret, err);
}

static void expect_bad(const char *text, const char *part)
{
    AUTO_CONTROL_STANZA s = { 0 };
    AUTO_ERR e = NULL;

    expect_err(first(text, &s, &e), ERR_INVALID, part, &e);
}

static void expect_field(const struct control_stanza *s, const char *name, const char *want)
{
    AUTO_FREE char *text = control_text(s, name);

    if (want)
        assert_non_null(text);
    else
        assert_null(text);
    if (want)
        assert_string_equal(text, want);
}

static void stanzas_follow_one_another(void **state)
{
    static const char text[] = "\n \nPackage: a\nVersion:1 \nDescription: x\n y\n .\n\tz \n\n\t\n"
                               "Package: b\nEmpty:\n";
    struct control_reader r = control_reader(text, strlen(text), "f");
    AUTO_CONTROL_STANZA s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(control_next(&r, &s, &e), 1);
    assert_int_equal(s.line, 3);
    assert_int_equal(s.len, 3);
    expect_field(&s, "package", "a");
    expect_field(&s, "Version", "1");
    expect_field(&s, "Description", NULL); /* several lines */
    expect_field(&s, "Nothing", NULL);
    const struct control_field *f = control_find(&s, "DESCRIPTION");
    assert_int_equal(f->value_len, strlen("x\n y\n .\n\tz "));
    assert_memory_equal(f->value, "x\n y\n .\n\tz ", f->value_len);
    assert_memory_equal(s.text + s.text_len, "\n\n\t", 3);
    assert_int_equal(control_next(&r, &s, &e), 1);
    assert_int_equal(s.line, 11);
    expect_field(&s, "Package", "b");
    expect_field(&s, "Empty", "");
    assert_int_equal(control_next(&r, &s, &e), 0);
    assert_int_equal(control_next(&r, &s, &e), 0);
}

static void the_last_line_needs_no_newline(void **state)
{
    AUTO_CONTROL_STANZA s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(first("A: b", &s, &e), 1);
    expect_field(&s, "A", "b");
    assert_int_equal(s.text_len, 4);
    assert_int_equal(first("", &s, &e), 0);
    assert_int_equal(first("\n\n", &s, &e), 0);
}

static void what_is_no_field_is_refused(void **state)
{
    static const char nul[] = "A: b\0c\n";
    struct control_reader r = control_reader(nul, sizeof(nul) - 1, "f");
    AUTO_CONTROL_STANZA s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(control_next(&r, &s, &e), ERR_INVALID, "f:1: a control character", &e);
    expect_bad("A: b\nnonsense\n", "f:2: expected 'Field: value'");
    expect_bad("A: b\n: c\n", "f:2: expected");
    expect_bad("# A: b\n", "f:1: expected");
    expect_bad("-----BEGIN: x\n", "f:1: expected");
    expect_bad("A B: c\n", "f:1: expected");
    expect_bad(" A: c\n", "f:1: it continues no field");
    expect_bad("A: b\nB: c\na: d\n", "f:3: the field stands there twice");
    expect_bad("A: b\r\n", "f:1: a control character");
    expect_bad("A: b\n \x1b[2J\n", "f:2: a control character");
}

static void limits_hold(void **state)
{
    AUTO_STR many = STR_INIT(1 << 20), deep = STR_INIT(CONTROL_STANZA_MAX + 100);
    AUTO_CONTROL_STANZA s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i < CONTROL_FIELDS_MAX; i++)
        str_addf(&many, "F%d: x\n", i);
    assert_int_equal(first(many.ptr, &s, &e), 1);
    str_add(&many, "One-More: x\n");
    expect_bad(many.ptr, "too many fields");
    str_add(&deep, "A: b\n");
    while (deep.len <= CONTROL_STANZA_MAX)
        str_add(&deep, " 0123456789012345678901234567890123456789012345678901234567890123456\n");
    expect_bad(deep.ptr, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stanzas_follow_one_another),
        cmocka_unit_test(the_last_line_needs_no_newline),
        cmocka_unit_test(what_is_no_field_is_refused),
        cmocka_unit_test(limits_hold),
    };

    return cmocka_run_group_tests_name("control-file", tests, NULL, NULL);
}
