/* table: columns as wide as what is in them, and cells that are hostile. */
#include "base.h"
#include "front/table.h"

/* What the table prints; the caller frees. */
static char *printed(const struct table *t)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    table_print(t, to);
    fclose(to);
    return text;
}

static void columns_fit_what_is_in_them(void **state)
{
    AUTO_TABLE t = table_new("NAME", "SIZE", "STATE", NULL);

    (void)state;
    table_add(&t, "a", "1.2 GiB", "here", NULL);
    table_add(&t, "a-long-name", "-", "removed", NULL);
    AUTO_FREE char *text = printed(&t);
    assert_string_equal(text, "NAME         SIZE     STATE\n"
                              "a            1.2 GiB  here\n"
                              "a-long-name  -        removed\n");
}

static void a_title_may_be_the_widest(void **state)
{
    AUTO_TABLE t = table_new("DESCRIPTION", "N", NULL);

    (void)state;
    table_add(&t, "x", "1", NULL);
    AUTO_FREE char *text = printed(&t);
    assert_string_equal(text, "DESCRIPTION  N\n"
                              "x            1\n");
}

static void an_empty_table_has_titles(void **state)
{
    AUTO_TABLE t = table_new("A", "B", NULL);
    AUTO_FREE char *text = printed(&t);

    (void)state;
    assert_string_equal(text, "A  B\n");
}

static void one_column_has_no_blanks_behind(void **state)
{
    AUTO_TABLE t = table_new("RUN", NULL);

    (void)state;
    table_add(&t, "1000", NULL);
    table_add(&t, "1", NULL);
    AUTO_FREE char *text = printed(&t);
    assert_string_equal(text, "RUN\n1000\n1\n");
}

static void an_empty_cell_keeps_its_place(void **state)
{
    AUTO_TABLE t = table_new("A", "B", "C", NULL);

    (void)state;
    table_add(&t, "", "b", "", NULL);
    AUTO_FREE char *text = printed(&t);
    assert_string_equal(text, "A  B  C\n"
                              "   b  \n");
}

/* "ü" is two bytes and one column. */
static void characters_count_not_bytes(void **state)
{
    AUTO_TABLE t = table_new("OWNER", "N", NULL);

    (void)state;
    table_add(&t, "m\xc3\xbcller", "1", NULL);
    table_add(&t, "mueller", "2", NULL);
    AUTO_FREE char *text = printed(&t);
    assert_string_equal(text, "OWNER    N\n"
                              "m\xc3\xbcller   1\n"
                              "mueller  2\n");
}

static void cells_cannot_speak_to_the_terminal(void **state)
{
    AUTO_TABLE t = table_new("TITLE", "N", NULL);

    (void)state;
    table_add(&t, "\x1b[2Jgone\nROOT  0", "1", NULL);
    AUTO_FREE char *text = printed(&t);
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "\\x1b[2Jgone"));
    int lines = 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_fit_what_is_in_them),
        cmocka_unit_test(a_title_may_be_the_widest),
        cmocka_unit_test(an_empty_table_has_titles),
        cmocka_unit_test(one_column_has_no_blanks_behind),
        cmocka_unit_test(an_empty_cell_keeps_its_place),
        cmocka_unit_test(characters_count_not_bytes),
        cmocka_unit_test(cells_cannot_speak_to_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
