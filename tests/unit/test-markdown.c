/* markdown: CommonMark as lines of a terminal, and nothing in it reaches the terminal itself. */
#include "unit/base.h"

#include "adapters/markdown.h"

static const struct {
    const char *text, *plain;
} table[] = {
    { "", "" },
    { "one\ntwo", "one two\n\n" },
    { "one\r\ntwo\r\n\r\nthree", "one two\n\nthree\n\n" },
    { "one  \ntwo", "one\ntwo\n\n" },
    { "a *b* **c** `d`", "a b c 'd'\n\n" },
    { "Login\n=====\n## Then", "Login\n=====\n\nThen\n----\n\n" },
    { "# \xc3\xa4\xc3\xb6", "\xc3\xa4\xc3\xb6\n==\n\n" },
    { "a b c d e f g h i j k l m n o p", "a b c d e f g h i j\nk l m n o p\n\n" },
    { "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4",
      "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 "
      "\xc3\xa4\n\n" },
    { "abcdefghijklmnopqrstuvwxyz a", "abcdefghijklmnopqrstuvwxyz\na\n\n" },
    { "- a\n- b\n\nend", "-  a\n-  b\n\nend\n\n" },
    { "9. a\n10. b", "9. a\n10.b\n\n" },
    { "- a\n  - b\n- c", "-  a\n   -  b\n-  c\n\n" },
    { "- a b c d e f g h i j", "-  a b c d e f g h i\n   j\n\n" },
    { "> said", "   said\n\n" },
    { "```sh\nls  -l\n\nid\n```", "    ls  -l\n    \n    id\n\n" },
    { "a\n\n---\n\nb", "a\n\n---\n\nb\n\n" },
    { "[shop](http://shop)", "shop (http://shop)\n\n" },
    { "<http://shop>", "http://shop\n\n" },
    { "![logo](l.png)", "logo (l.png)\n\n" },
    { "<b>x</b>", "<b>x</b>\n\n" },
    /* what would reach the terminal */
    { "\x1b[2J", "\\x1b[2J\n\n" },
    { "&#27;[2J", "\\x1b[2J\n\n" },
    { "&#x9b;2J", "\\x9b2J\n\n" },
    { "[a](http://&#27;c)", "a (http://\\x1bc)\n\n" },
    { "&#10;a&#13;b", "\na\\x0db\n\n" },
    { "a\xff", "a\xef\xbf\xbd\n\n" },
};

static void blocks_are_shown_as_they_mean(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_FREE char *plain = markdown_plain(table[i].text, strlen(table[i].text), 20);
        assert_string_equal(plain, table[i].plain);
    }
}

static void depth_has_an_end(void **state)
{
    AUTO_STR text = STR_INIT(1 << 20);

    (void)state;
    for (int i = 0; i < 20000; i++)
        str_add(&text, "> ");
    str_add(&text, "deep");
    AUTO_FREE char *plain = markdown_plain(text.ptr, text.len, 20);
    assert_string_equal(plain, "                              deep\n\n");
}

static void a_nul_does_not_end_it(void **state)
{
    (void)state;
    AUTO_FREE char *plain = markdown_plain("a\0b", 3, 20);
    assert_string_equal(plain, "a\xef\xbf\xbd"
                               "b\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_shown_as_they_mean),
        cmocka_unit_test(depth_has_an_end),
        cmocka_unit_test(a_nul_does_not_end_it),
    };

    return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
