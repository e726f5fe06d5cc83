/* str, strv, utf8, printable: growing, limits, and hostile bytes. */
#include "base.h"
#include "base/utf8.h"

static void an_empty_string_can_be_printed(void **state)
{
    AUTO_STR s = STR_INIT(10);

    (void)state;
    assert_string_equal(s.ptr, "");
    assert_int_equal(s.len, 0);
    str_clear(&s);
    AUTO_FREE char *taken = str_take(&s);
    assert_string_equal(taken, "");
    str_release(&s);
    str_release(&s);
    assert_string_equal(s.ptr, "");
}

static void it_grows(void **state)
{
    AUTO_STR s = STR_INIT(100000);

    (void)state;
    for (int i = 0; i < 10000; i++)
        str_addf(&s, "%d", i % 10);
    assert_int_equal(s.len, 10000);
    assert_int_equal(strlen(s.ptr), 10000);
    assert_int_equal(s.ptr[9999], '9');
    assert_false(s.truncated);
    assert_true(s.cap <= 16384);
}

static void the_limit_holds_at_every_size(void **state)
{
    (void)state;
    for (size_t max = 0; max < 70; max++) {
        AUTO_STR s = STR_INIT(max);
        for (size_t i = 0; i < max; i++)
            str_add(&s, "x");
        assert_int_equal(s.len, max);
        assert_false(s.truncated);
        str_add(&s, "");
        assert_false(s.truncated);
        str_add(&s, "yz");
        assert_true(s.truncated);
        assert_int_equal(s.len, max);
        assert_int_equal(strlen(s.ptr), max);
        assert_true(s.cap <= max + 1);
    }
}

static void what_passes_the_limit_is_cut(void **state)
{
    AUTO_STR s = STR_INIT(5);

    (void)state;
    str_add(&s, "abc");
    str_add(&s, "defgh");
    assert_string_equal(s.ptr, "abcde");
    assert_true(s.truncated);
    str_clear(&s);
    assert_false(s.truncated);
    assert_string_equal(s.ptr, "");
    str_add(&s, "12345");
    assert_string_equal(s.ptr, "12345");
    assert_false(s.truncated);
}

static void take_leaves_it_empty_with_its_limit(void **state)
{
    AUTO_STR s = STR_INIT(5);

    (void)state;
    str_add(&s, "abc");
    AUTO_FREE char *taken = str_take(&s);
    assert_string_equal(taken, "abc");
    assert_string_equal(s.ptr, "");
    assert_int_equal(s.max, 5);
}

static void bytes_may_be_zero(void **state)
{
    AUTO_STR s = STR_INIT(10);

    (void)state;
    str_add_mem(&s, "a\0b", 3);
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.ptr, "a\0b", 4);
}

static void lists_grow_and_end_with_null(void **state)
{
    AUTO_STRV v = { 0 };

    (void)state;
    assert_null(v.ptr);
    for (size_t i = 0; i < 1000; i++) {
        strv_addf(&v, "%zu", i);
        assert_int_equal(v.len, i + 1);
        assert_null(v.ptr[i + 1]);
    }
    for (int i = 0; i < 1000; i++) {
        AUTO_FREE char *number = xasprintf("%d", i);
        assert_string_equal(v.ptr[i], number);
    }
    assert_true(strv_has(&v, "999"));
    assert_false(strv_has(&v, "1000"));
    strv_release(&v);
    assert_int_equal(v.len, 0);
    assert_false(strv_has(&v, "1"));
    strv_add(&v, "again");
    assert_string_equal(v.ptr[0], "again");
}

static void lists_sort_by_bytes_and_join(void **state)
{
    AUTO_STRV v = { 0 };
    AUTO_STRV none = { 0 };

    (void)state;
    strv_sort(&none);
    strv_add(&v, "b");
    strv_add(&v, "\xc3\xa4");
    strv_add(&v, "a");
    strv_add(&v, "B");
    strv_sort(&v);
    assert_true(strv_has_sorted(&v, "B"));
    assert_true(strv_has_sorted(&v, "\xc3\xa4"));
    assert_false(strv_has_sorted(&v, "aa"));
    assert_false(strv_has_sorted(&none, ""));
    AUTO_FREE char *all = strv_join(&v, ", ");
    AUTO_FREE char *nothing = strv_join(&none, ", ");
    assert_string_equal(all, "B, a, b, \xc3\xa4");
    assert_string_equal(nothing, "");
}

static void comparisons(void **state)
{
    (void)state;
    assert_true(str_eq("a", "a"));
    assert_false(str_eq("a", "b"));
    assert_true(str_eq(NULL, NULL));
    assert_int_equal(str_index((const char *const[]){ "a", "b", NULL }, "b"), 1);
    assert_int_equal(str_index((const char *const[]){ "a", "b", NULL }, "c"), -1);
    assert_int_equal(str_index((const char *const[]){ "a", "b", NULL }, NULL), -1);
    assert_false(str_eq(NULL, ""));
    assert_false(str_eq("", NULL));
    assert_true(str_starts("abc", "ab"));
    assert_true(str_starts("abc", ""));
    assert_false(str_starts("a", "ab"));
    assert_true(str_ends("abc", "bc"));
    assert_true(str_ends("abc", ""));
    assert_false(str_ends("c", "bc"));
}

/* From the Unicode standard's table of well-formed sequences, and just outside of it. */
static void bytes_are_changed_in_place(void **state)
{
    char name[] = "File_PRINT_\xc3\x84 Z[@", empty[] = "";

    (void)state;
    str_lower(name);
    assert_string_equal(name, "file_print_\xc3\x84 z[@");
    str_swap(name, '_', '-');
    assert_string_equal(name, "file-print-\xc3\x84 z[@");
    str_lower(empty);
    str_swap(empty, '_', '-');
    assert_string_equal(empty, "");
}

static void utf8_is_decoded_strictly(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        uint32_t c;
    } rows[] = {
        { "A", 1, 'A' },
        { "\x7f", 1, 0x7f },
        { "\xc2\x80", 2, 0x80 },
        { "\xdf\xbf", 2, 0x7ff },
        { "\xe0\xa0\x80", 3, 0x800 },
        { "\xed\x9f\xbf", 3, 0xd7ff },
        { "\xee\x80\x80", 3, 0xe000 },
        { "\xef\xbf\xbf", 3, 0xffff },
        { "\xf0\x90\x80\x80", 4, 0x10000 },
        { "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
        { "\x80", 0, 0 },             /* continuation alone */
        { "\xc0\x80", 0, 0 },         /* overlong NUL */
        { "\xc1\xbf", 0, 0 },         /* overlong */
        { "\xe0\x9f\xbf", 0, 0 },     /* overlong */
        { "\xf0\x8f\xbf\xbf", 0, 0 }, /* overlong */
        { "\xed\xa0\x80", 0, 0 },     /* surrogate */
        { "\xed\xbf\xbf", 0, 0 },     /* surrogate */
        { "\xf4\x90\x80\x80", 0, 0 }, /* above U+10FFFF */
        { "\xf5\x80\x80\x80", 0, 0 }, /* never */
        { "\xff", 0, 0 },             /* never */
        { "\xe2\x82", 0, 0 },         /* cut short */
        { "\xe2\x82x", 0, 0 },        /* broken */
        { "", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t c = 0;
        assert_int_equal(utf8_next(rows[i].bytes, strlen(rows[i].bytes), &c), rows[i].n);
        assert_int_equal(c, rows[i].c);
    }
}

static void check_printable(const char *text, size_t len, bool multiline, const char *expected)
{
    AUTO_FREE char *shown = str_printable(text, len, multiline);

    assert_string_equal(shown, expected);
}

static void hostile_text_becomes_visible(void **state)
{
    (void)state;
    check_printable("plain \xc3\xa4\xe2\x82\xac", 11, false, "plain \xc3\xa4\xe2\x82\xac");
    check_printable("\x1b[31mred", 8, false, "\\x1b[31mred");
    check_printable("a\0b", 3, false, "a\\x00b");
    check_printable("\xff\xc3", 2, false, "\\xff\\xc3");
    check_printable("\x7f", 1, false, "\\x7f");
    check_printable("a\nb\tc\r", 6, false, "a\\x0ab\\x09c\\x0d");
    check_printable("a\nb\tc\r", 6, true, "a\nb\tc\\x0d");
    check_printable("\xc2\x9b", 2, false, "\\x9b");                      /* C1: CSI */
    check_printable("\xe2\x80\xaetxt.exe", 10, false, "\\u202etxt.exe"); /* override */
    check_printable("\xe2\x80\xa8", 3, true, "\\u2028");                 /* line separator */
    check_printable("\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80");        /* surrogate */
    check_printable("", 0, false, "");
}

static void check_utf8(const char *text, size_t len, const char *expected)
{
    AUTO_FREE char *clean = str_to_utf8(text, len);

    assert_string_equal(clean, expected);
}

static void bad_bytes_are_replaced(void **state)
{
    (void)state;
    check_utf8("ok \xe2\x82\xac", 6, "ok \xe2\x82\xac");
    check_utf8("a\xff"
               "b",
               3,
               "a\xef\xbf\xbd"
               "b");
    check_utf8("a\0b", 3,
               "a\xef\xbf\xbd"
               "b");
    check_utf8("\xe2\x82", 2, "\xef\xbf\xbd\xef\xbf\xbd");
    check_utf8("\x1b", 1, "\x1b");
    check_utf8("", 0, "");
}

static void clean_text_is_recognized(void **state)
{
    (void)state;
    assert_true(utf8_is_clean("a\tb \xc3\xa4", false));
    assert_true(utf8_is_clean("a\nb", true));
    assert_false(utf8_is_clean("a\nb", false));
    assert_false(utf8_is_clean("a\rb", true));
    assert_false(utf8_is_clean("\x1b", true));
    assert_false(utf8_is_clean("\xff", true));
    assert_false(utf8_is_clean("\xe2\x80\xae", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_string_can_be_printed),
        cmocka_unit_test(it_grows),
        cmocka_unit_test(the_limit_holds_at_every_size),
        cmocka_unit_test(what_passes_the_limit_is_cut),
        cmocka_unit_test(take_leaves_it_empty_with_its_limit),
        cmocka_unit_test(bytes_may_be_zero),
        cmocka_unit_test(lists_grow_and_end_with_null),
        cmocka_unit_test(lists_sort_by_bytes_and_join),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(bytes_are_changed_in_place),
        cmocka_unit_test(utf8_is_decoded_strictly),
        cmocka_unit_test(hostile_text_becomes_visible),
        cmocka_unit_test(bad_bytes_are_replaced),
        cmocka_unit_test(clean_text_is_recognized),
    };

    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
