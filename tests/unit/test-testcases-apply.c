/* Which testcases apply to an image of several categories. */
#include "unit/base.h"

#include "front/testcases.h"

static void any_category_counts(void **state)
{
    static const struct {
        const char *image, *categories[3], *want;
    } rows[] = {
        { "x", { NULL }, "" },
        { "x", { "web" }, "a" },
        { "x", { "mail", "web" }, "ab" },
        { "legacy", { "core" }, "c" },
        { "legacy", { "mail" }, "bc" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_TESTCASE_LIST l = { .ptr = xcalloc(3, sizeof(*l.ptr)), .len = 3 };
        AUTO_STRV categories = { 0 };
        AUTO_STR got = STR_INIT(10);

        for (int k = 0; k < 3; k++)
            l.ptr[k].name = xasprintf("%c", 'a' + k);
        strv_add(&l.ptr[0].categories, "web");
        strv_add(&l.ptr[1].categories, "mail");
        strv_add(&l.ptr[2].images, "legacy");
        for (const char *const *c = rows[i].categories; *c; c++)
            strv_add(&categories, *c);
        testcases_keep_applying(&l, rows[i].image, &categories);
        for (size_t k = 0; k < l.len; k++)
            str_add(&got, l.ptr[k].name);
        assert_string_equal(got.ptr, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(any_category_counts) };

    return cmocka_run_group_tests_name("testcases-apply", tests, NULL, NULL);
}
