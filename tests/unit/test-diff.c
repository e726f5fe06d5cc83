/* Two texts line by line. */
#include "unit/base.h"

#include "base/diff.h"

static const struct {
    const char *before, *after, *text;
} table[] = {
    { "", "", "" },
    { "a\nb\n", "a\nb\n", "" },
    { "a\nb", "a\nb\n", "" },
    { "", "a\n", "@@ -0,0 +1,1 @@\n+a\n" },
    { "a\n", "", "@@ -1,1 +0,0 @@\n-a\n" },
    { "a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n" },
    { "1\n2\n3\n4\n5\n6\n", "1\n2\n3\nx\n5\n6\n", "@@ -2,5 +2,5 @@\n 2\n 3\n-4\n+x\n 5\n 6\n" },
    { "1\n2\n3\n", "1\n3\n", "@@ -1,3 +1,2 @@\n 1\n-2\n 3\n" },
    { "1\n3\n", "1\n2\n3\n", "@@ -1,2 +1,3 @@\n 1\n+2\n 3\n" },
    { "a\n1\n2\n3\n4\n5\nb\n", "x\n1\n2\n3\n4\n5\ny\n",
      "@@ -1,3 +1,3 @@\n-a\n+x\n 1\n 2\n@@ -5,3 +5,3 @@\n 4\n 5\n-b\n+y\n" },
    { "a\n1\n2\n3\n4\nb\n", "x\n1\n2\n3\n4\ny\n",
      "@@ -1,6 +1,6 @@\n-a\n+x\n 1\n 2\n 3\n 4\n-b\n+y\n" },
    { "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
      "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n" },
    { "\n\na\n", "\na\n", "@@ -1,3 +1,2 @@\n \n-\n a\n" },
};

static void edits_are_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_DIFF d = { 0 };

        diff_texts(table[i].before, table[i].after, 1000, &d);
        assert_string_equal(d.text, table[i].text);
        assert_int_equal(d.hidden, 0);
    }
}

static void long_ones_are_cut(void **state)
{
    AUTO_DIFF d = { 0 }, none = { 0 };

    (void)state;
    diff_texts("1\n2\n3\n4\n", "5\n6\n7\n", 4, &d);
    assert_string_equal(d.text, "@@ -1,4 +1,3 @@\n-1\n-2\n+5\n");
    assert_int_equal(d.hidden, 4);
    assert_int_equal(d.removed, 4);
    assert_int_equal(d.added, 3);
    diff_texts("1\n", "2\n", 0, &none);
    assert_string_equal(none.text, "");
    assert_int_equal(none.hidden, 2);
}

/* Applies a whole diff (all lines are in it) to nothing: what it says of each side. */
static void sides_of(const char *diff, struct str *before, struct str *after)
{
    for (const char *p = diff; *p; p += strcspn(p, "\n") + 1) {
        size_t n = strcspn(p, "\n") + 1;
        if (*p == '@')
            continue;
        if (*p != '+')
            str_add_mem(before, p + 1, n - 1);
        if (*p != '-')
            str_add_mem(after, p + 1, n - 1);
    }
}

static unsigned pick(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 16) % n;
}

/* Of texts that have hardly a line in common with themselves: all is one hunk with an edit in
 * every third line, so nothing is left out. */
static void a_diff_leads_from_one_to_the_other(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 300; round++) {
        AUTO_STR a = STR_INIT(10000), b = STR_INIT(10000);
        AUTO_STR was = STR_INIT(10000), is = STR_INIT(10000);
        AUTO_DIFF d = { 0 };
        int lines = (int)pick(&seed, 40);

        for (int i = 0; i < lines; i++) {
            str_addf(&a, "%u\na%d\n", pick(&seed, 3), i);
            str_addf(&b, "%u\nb%d\n", pick(&seed, 3), i);
        }
        diff_texts(a.ptr, b.ptr, 1000, &d);
        sides_of(d.text, &was, &is);
        assert_string_equal(was.ptr, a.ptr);
        assert_string_equal(is.ptr, b.ptr);
        assert_true(d.removed >= (size_t)lines && d.removed <= 2 * (size_t)lines);
    }
}

static void large_and_different_ones_take_no_time(void **state)
{
    AUTO_STR a = STR_INIT(8 << 20), b = STR_INIT(8 << 20);
    AUTO_DIFF d = { 0 };

    (void)state;
    for (int i = 0; i < 200000; i++) {
        str_addf(&a, "a%d\n", i);
        str_addf(&b, "b%d\n", i);
    }
    diff_texts(a.ptr, b.ptr, 10, &d);
    assert_int_equal(d.removed, 200000);
    assert_int_equal(d.added, 200000);
    assert_int_equal(d.hidden, 400000 - 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_shown),
        cmocka_unit_test(long_ones_are_cut),
        cmocka_unit_test(a_diff_leads_from_one_to_the_other),
        cmocka_unit_test(large_and_different_ones_take_no_time),
    };

    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
