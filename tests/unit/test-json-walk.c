/* Walking large JSON without building it. */
#include "unit/base.h"

#include "base/json_walk.h"

static int note(void *arg, const char *key, const char *value, size_t len, struct err **err)
{
    struct str *s = arg;

    if (key && str_eq(key, "stop"))
        return err_set(err, ERR_CONFLICT, "stopped here");
    str_addf(s, "%s=%.*s;", key ? key : "-", (int)len, value);
    return 0;
}

static const struct {
    const char *text, *seen;
} good[] = {
    { "{}", "" },
    { " [ ] ", "" },
    { "{\"a\":1}", "a=1;" },
    { "{ \"a\" : 1 , \"b\" : [2, {\"c\": 3}] }", "a=1;b=[2, {\"c\": 3}];" },
    { "[1,\"x,]\",null]", "-=1;-=\"x,]\";-=null;" },
    { "{\"a\":\"\\\"}\"}", "a=\"\\\"}\";" },
    { "{\"a\":\"\\\\\"}", "a=\"\\\\\";" },
    { "{\"\\u00e4\":{}}", "\xc3\xa4={};" },
    { "\n[\n{}\n,\n[]\n]\n", "-={};-=[];" },
    { "{\"a\":{\"b\":\"{{[[\"}}", "a={\"b\":\"{{[[\"};" },
};

static const struct {
    const char *text, *message;
} bad[] = {
    { "", "byte 0: '{' or '[' expected" },
    { "x", "byte 0: '{' or '[' expected" },
    { "{", "a key expected" },
    { "[", "byte 1: a value expected" },
    { "{\"a\"}", "':' expected" },
    { "{\"a\":}", "a value expected" },
    { "{\"a\":1", "',' or '}' expected" },
    { "{\"a\":1,}", "a key expected" },
    { "[1,]", "a value expected" },
    { "[1 2]", "',' or ']' expected" },
    { "[1]x", "byte 3: the end expected" },
    { "[\"x]", "'\"' expected" },
    { "[\"x\\", "'\"' expected" },
    { "[{\"a\":[1,2}", "expected" },
    { "{a:1}", "a key expected" },
    { "{\"\\u0000\":1}", "not valid JSON" },
};

static void values_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO_STR s = STR_INIT(1000);
        AUTO_ERR e = NULL;

        expect_ok(json_walk(good[i].text, strlen(good[i].text), "t", note, &s, &e), &e);
        assert_string_equal(s.ptr, good[i].seen);
    }
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_STR s = STR_INIT(1000);
        AUTO_ERR e = NULL;
        /* Without a NUL behind it, so that reading beyond the end shows. */
        size_t len = strlen(bad[i].text);
        char *text = xreallocarray(NULL, len ? len : 1, 1);

        memcpy(text, bad[i].text, len);
        int rc = json_walk(text, len, "t", note, &s, &e);
        free(text);
        expect_err(rc, ERR_INVALID, bad[i].message, &e);
    }
}

static void the_callback_can_stop(void **state)
{
    static const char text[] = "{\"a\":1,\"stop\":2,\"b\":3}";
    AUTO_STR s = STR_INIT(1000);
    AUTO_ERR e = NULL;

    (void)state;
    expect_err(json_walk(text, strlen(text), "t", note, &s, &e), ERR_CONFLICT, "stopped here", &e);
    assert_string_equal(s.ptr, "a=1;");
}

static void deep_nesting_takes_no_stack(void **state)
{
    enum { DEPTH = 1000000 };
    AUTO_FREE char *text = xcalloc(2 * DEPTH + 1, 1);
    AUTO_STR s = STR_INIT(10);
    AUTO_ERR e = NULL;

    (void)state;
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    expect_ok(json_walk(text, 2 * DEPTH, "t", note, &s, &e), &e);
    expect_err(json_walk(text, DEPTH, "t", note, &s, &e), ERR_INVALID, "expected", &e);
}

static void the_first_character_tells(void **state)
{
    (void)state;
    assert_int_equal(json_first(" \n{}", 4), '{');
    assert_int_equal(json_first("[", 1), '[');
    assert_int_equal(json_first("  ", 2), '\0');
    assert_int_equal(json_first("", 0), '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found),          cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(the_callback_can_stop),     cmocka_unit_test(deep_nesting_takes_no_stack),
        cmocka_unit_test(the_first_character_tells),
    };

    return cmocka_run_group_tests_name("json-walk", tests, NULL, NULL);
}
