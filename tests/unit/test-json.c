/* json: strict reading, canonical writing, hostile text. */
#include "base.h"
#include "base/json.h"

static json_t *parse(const char *text, struct err **err)
{
    return json_parse(text, strlen(text), 1000, "x.json", err);
}

static void canonical_is_sorted_and_compact(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *j = parse("{ \"b\": [1, {\"z\": null, \"a\": true}],\n \"a\": \"\\u00e4/\" }", &e);

    (void)state;
    expect_ok(j ? 0 : -1, &e);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, "{\"a\":\"\xc3\xa4/\",\"b\":[1,{\"a\":true,\"z\":null}]}");
    AUTO_JSON *again = parse(text, &e);
    AUTO_FREE char *same = json_canonical(again);
    assert_string_equal(same, text);
}

static void pretty_keeps_the_order(void **state)
{
    AUTO_JSON *j = json_pack("{s:i, s:[i]}", "b", 1, "a", 2);
    AUTO_FREE char *text = json_pretty(j);

    (void)state;
    assert_string_equal(text, "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}\n");
}

static void scalars_are_values_too(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *j = parse("\"x\"", &e);

    (void)state;
    expect_ok(j ? 0 : -1, &e);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, "\"x\"");
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        { "", "x.json:1:" },
        { "{\"a\": 1,\n \"a\": 2}", "duplicate" },
        { "{\"a\": 1} x", "x.json:1:" },
        { "{\"a\": 1} {}", "x.json:1:" },
        { "{\"a\":\n\n tru}", "x.json:3:" },
        { "[1,]", "x.json:1:" },
        { "{'a': 1}", "x.json:1:" },
        { "\"a\\u0000b\"", "x.json:1:" },
        { "\"\xff\"", "x.json:1:" },
        { "[1e999]", "x.json:1:" },
        { "\"\x1b[2J\"", "x.json:1:" },
        { "\x1b[2J", "x.json:1:" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_ERR e = NULL;
        assert_null(parse(rows[i].text, &e));
        assert_null(strchr(e->msg, '\x1b'));
        expect_err(-1, ERR_INVALID, rows[i].part, &e);
    }
}

static void limits(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *deep = xcalloc(100001, 1);

    (void)state;
    assert_null(json_parse("[1, 2]", 6, 5, "x.json", &e));
    expect_err(-1, ERR_INVALID, "x.json: larger than 5 bytes", &e);
    memset(deep, '[', 100000);
    assert_null(json_parse(deep, 100000, 100000, "x.json", &e));
    expect_err(-1, ERR_INVALID, "x.json:1:", &e);
}

static void any_bytes_become_text(void **state)
{
    AUTO_JSON *bad = json_text("a\xff"
                               "b");
    AUTO_JSON *zero = json_text_n("a\0b", 3);
    AUTO_JSON *nothing = json_text(NULL);

    (void)state;
    assert_string_equal(json_string_value(bad), "a\xef\xbf\xbd"
                                                "b");
    assert_string_equal(json_string_value(zero), "a\xef\xbf\xbd"
                                                 "b");
    assert_true(json_is_null(nothing));
}

static void lists_of_text(void **state)
{
    AUTO_STRV v = { 0 };

    (void)state;
    AUTO_JSON *none = json_strv(&v);
    AUTO_FREE char *empty = json_canonical(none);
    assert_string_equal(empty, "[]");
    strv_add(&v, "a");
    strv_add(&v, "\xff");
    AUTO_JSON *two = json_strv(&v);
    AUTO_FREE char *text = json_canonical(two);
    assert_string_equal(text, "[\"a\",\"\xef\xbf\xbd\"]");
}

static void members(void **state)
{
    AUTO_JSON *j = json_pack("{s:s, s:i}", "name", "x", "n", 5);

    (void)state;
    assert_string_equal(json_str_at(j, "name"), "x");
    assert_int_equal(json_int_at(j, "n"), 5);
    assert_null(json_str_at(j, "n"));
    assert_null(json_str_at(j, "none"));
    assert_null(json_str_at(NULL, "none"));
    assert_int_equal(json_int_at(j, "name"), 0);
    assert_int_equal(json_int_at(j, "none"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_is_sorted_and_compact),
        cmocka_unit_test(pretty_keeps_the_order),
        cmocka_unit_test(scalars_are_values_too),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(limits),
        cmocka_unit_test(any_bytes_become_text),
        cmocka_unit_test(lists_of_text),
        cmocka_unit_test(members),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
