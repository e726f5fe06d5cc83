/* What a patch did to the installed packages. */
#include "unit/base.h"

#include "core/packages.h"

/* "a 1, b 2": one list. */
static struct package_list list_of(const char *text)
{
    struct package_list l = { 0 };
    char name[32], version[32];
    int n;

    for (; sscanf(text, " %31[^ ] %31[^,]%n", name, version, &n) == 2; text += n + (text[n] == ','))
        package_list_add(&l, name, version);
    package_list_sort(&l);
    return l;
}

static const struct {
    const char *before, *after, *diff;
    size_t count;
} rows[] = {
    { "", "", "{\"added\":[],\"changed\":[],\"removed\":[]}", 0 },
    { "a 1, b 2", "a 1, b 2", "{\"added\":[],\"changed\":[],\"removed\":[]}", 0 },
    { "a 1, b 2", "a 1, b 3",
      "{\"added\":[],\"changed\":[{\"from\":\"2\",\"name\":\"b\",\"to\":\"3\"}],\"removed\":[]}",
      1 },
    { "a 1, b 2", "a 1, b 1",
      "{\"added\":[],\"changed\":[{\"from\":\"2\",\"name\":\"b\",\"to\":\"1\"}],\"removed\":[]}",
      1 },
    { "", "a 1", "{\"added\":[{\"name\":\"a\",\"to\":\"1\"}],\"changed\":[],\"removed\":[]}", 1 },
    { "a 1", "", "{\"added\":[],\"changed\":[],\"removed\":[{\"from\":\"1\",\"name\":\"a\"}]}", 1 },
    { "b 1, d 1, f 1", "a 1, c 1, d 2, e 1",
      "{\"added\":[{\"name\":\"a\",\"to\":\"1\"},{\"name\":\"c\",\"to\":\"1\"},{\"name\":\"e\","
      "\"to\":\"1\"}],\"changed\":[{\"from\":\"1\",\"name\":\"d\",\"to\":\"2\"}],\"removed\":[{"
      "\"from\":\"1\",\"name\":\"b\"},{\"from\":\"1\",\"name\":\"f\"}]}",
      6 },
    /* As many as before, and none the same. */
    { "a 1", "b 1",
      "{\"added\":[{\"name\":\"b\",\"to\":\"1\"}],\"changed\":[],\"removed\":[{\"from\":\"1\","
      "\"name\":\"a\"}]}",
      2 },
    /* An architecture is part of the name. */
    { "libc6:amd64 1, libc6:i386 1", "libc6:amd64 2, libc6:i386 1",
      "{\"added\":[],\"changed\":[{\"from\":\"1\",\"name\":\"libc6:amd64\",\"to\":\"2\"}],"
      "\"removed\":[]}",
      1 },
};

static void every_kind_of_change_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_PACKAGE_LIST before = list_of(rows[i].before), after = list_of(rows[i].after);
        size_t count = 99;
        AUTO_JSON *j = packages_diff(&before, &after, &count);
        AUTO_FREE char *text = json_canonical(j);

        assert_string_equal(text, rows[i].diff);
        assert_int_equal(count, rows[i].count);
    }
}

/* Names and versions come from the guest. */
static void hostile_bytes_become_json(void **state)
{
    AUTO_PACKAGE_LIST before = { 0 }, after = { 0 };
    size_t count;

    (void)state;
    package_list_add(&after, "a\xff", "1\x1b[2J");
    AUTO_JSON *j = packages_diff(&before, &after, &count);
    const json_t *added = json_array_get(json_object_get(j, "added"), 0);
    assert_string_equal(json_str_at(added, "name"), "a\xef\xbf\xbd");
    assert_non_null(json_str_at(added, "to"));
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_change_is_told),
        cmocka_unit_test(hostile_bytes_become_json),
    };

    return cmocka_run_group_tests_name("packages", tests, NULL, NULL);
}
