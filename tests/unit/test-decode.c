/* decode, suggest: every kind of field, and messages with file, line and key. */
#include "base.h"
#include "base/decode.h"
#include "base/node.h"
#include "base/suggest.h"

enum color { RED, GREEN, BLUE };
static const char *const colors[] = { "red", "green", "blue", NULL };

struct sample {
    char *name, *text, *prose, *path, *digest;
    bool on;
    int64_t count, size, time;
    struct strv texts, names;
    int color;
    unsigned set;
    int custom;
    char *inner;
};

static int decode_inner(const struct decoder *d, const struct node *n, const char *path,
                        void *target, struct err **err)
{
    static const struct field fields[] = {
        { "deep", FIELD_TEXT, 0, .required = true },
        { 0 },
    };

    return decode_map(d, n, path, fields, target, err);
}

static int decode_odd(const struct decoder *d, const struct node *n, const char *path, void *target,
                      struct err **err)
{
    if (n->kind != NODE_SCALAR || strcmp(n->text, "odd") != 0)
        return decode_error(d, n, path, err, "expected odd");
    *(int *)target = 1;
    return 0;
}

#define AT(member) offsetof(struct sample, member)
static const struct field fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "text", FIELD_TEXT, AT(text) },
    { "prose", FIELD_PROSE, AT(prose) },
    { "path", FIELD_PATH, AT(path) },
    { "digest", FIELD_SHA256, AT(digest) },
    { "on", FIELD_BOOL, AT(on) },
    { "count", FIELD_INT, AT(count), .min = 1, .max = 64 },
    { "size", FIELD_SIZE, AT(size), .min = 1024, .max = 1 << 30 },
    { "time", FIELD_DURATION, AT(time), .min = 1000, .max = 3600000 },
    { "texts", FIELD_TEXTS, AT(texts) },
    { "names", FIELD_NAMES, AT(names) },
    { "color", FIELD_ENUM, AT(color), .names = colors },
    { "set", FIELD_ENUMS, AT(set), .names = colors },
    { "custom", FIELD_CUSTOM, AT(custom), .decode = decode_odd },
    { "inner", FIELD_CUSTOM, AT(inner), .decode = decode_inner },
    { 0 },
};

static void sample_release(struct sample *s)
{
    free(s->name);
    free(s->text);
    free(s->prose);
    free(s->path);
    free(s->digest);
    free(s->inner);
    strv_release(&s->texts);
    strv_release(&s->names);
}
#define AUTO_SAMPLE __attribute__((cleanup(sample_release))) struct sample

static int decode(const char *text, struct sample *s, struct err **err)
{
    static const struct decoder d = { "x.yaml" };
    AUTO_NODE n = node_parse(text, strlen(text), "x.yaml", err);

    assert_non_null(n);
    return decode_map(&d, n, "", fields, s, err);
}

static void refuse(const char *text, const char *part)
{
    AUTO_ERR e = NULL;
    AUTO_SAMPLE s = { 0 };

    expect_err(decode(text, &s, &e), ERR_INVALID, part, &e);
}

static void refuse_with_hint(const char *text, const char *part, const char *hint)
{
    AUTO_ERR e = NULL;
    AUTO_SAMPLE s = { 0 };

    assert_int_equal(decode(text, &s, &e), -1);
    assert_non_null(e->hint);
    assert_string_equal(e->hint, hint);
    expect_err(-1, ERR_INVALID, part, &e);
}

static void everything_is_read(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_SAMPLE s = { 0 };

    (void)state;
    expect_ok(decode("name: web-01\ntext: \"1.10\"\nprose: |\n  a\n  b\npath: a/b\n"
                     "digest: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
                     "on: true\ncount: 64\nsize: 512MiB\ntime: 90s\ntexts: [a b, 1.0]\n"
                     "names: [a, b]\ncolor: blue\nset: [red, blue]\ncustom: odd\n"
                     "inner: {deep: x}\n",
                     &s, &e),
              &e);
    assert_string_equal(s.name, "web-01");
    assert_string_equal(s.text, "1.10");
    assert_string_equal(s.prose, "a\nb\n");
    assert_string_equal(s.path, "a/b");
    assert_int_equal(strlen(s.digest), 64);
    assert_true(s.on);
    assert_int_equal(s.count, 64);
    assert_int_equal(s.size, 512 << 20);
    assert_int_equal(s.time, 90000);
    assert_int_equal(s.texts.len, 2);
    assert_string_equal(s.texts.ptr[1], "1.0");
    assert_int_equal(s.names.len, 2);
    assert_int_equal(s.color, BLUE);
    assert_int_equal(s.set, 1u << RED | 1u << BLUE);
    assert_int_equal(s.custom, 1);
    assert_string_equal(s.inner, "x");
}

static void what_is_absent_keeps_its_default(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_SAMPLE s = { .count = 5, .text = xstrdup("kept"), .color = GREEN };

    (void)state;
    strv_add(&s.names, "kept");
    expect_ok(decode("name: x\n", &s, &e), &e);
    assert_int_equal(s.count, 5);
    assert_int_equal(s.color, GREEN);
    assert_string_equal(s.text, "kept");
    assert_int_equal(s.names.len, 1);
}

static void what_is_given_replaces_its_default(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_SAMPLE s = { .text = xstrdup("old"), .set = 7 };

    (void)state;
    strv_add(&s.names, "old");
    expect_ok(decode("name: x\ntext: new\nnames: []\nset: []\n", &s, &e), &e);
    assert_string_equal(s.text, "new");
    assert_int_equal(s.names.len, 0);
    assert_int_equal(s.set, 0);
}

static void unknown_keys(void **state)
{
    (void)state;
    refuse("name: x\ncoutn:\n  - 1\n", "x.yaml:2: key 'coutn': unknown key, did you mean 'count'?");
    refuse("name: x\nsizes: 1\n", "key 'sizes': unknown key, did you mean 'size'?");
    refuse("name: x\ninner: {deep: x, deeep: y}\n",
           "x.yaml:2: key 'inner.deeep': unknown key, did you mean 'deep'?");
    refuse("name: x\n\"\\e[2J\": 1\n", "x.yaml:2: key '\\x1b[2J': unknown key");
    refuse_with_hint("name: x\ninner:\n  deep: x\n  other: y\n",
                     "x.yaml:4: key 'inner.other': unknown key", "known keys here: deep");
}

static void missing_keys(void **state)
{
    (void)state;
    refuse("\n\ntext: x\n", "x.yaml:3: key 'name': required, but missing");
    refuse("name: x\ninner: {}\n", "x.yaml:2: key 'inner.deep': required, but missing");
    refuse("[name]\n", "x.yaml:1: expected a map of keys, found a list");
    refuse("name\n", "x.yaml:1: expected a map of keys, found text");
    refuse("name: x\ninner: x\n", "x.yaml:2: key 'inner': expected a map of keys, found text");
}

static void wrong_text(void **state)
{
    AUTO_FREE char *line = xasprintf("name: x\ntext: %04097d\n", 0);
    AUTO_FREE char *prose = xasprintf("name: x\nprose: %065537d\n", 0);

    (void)state;
    refuse("name: x\ntext: [a]\n", "x.yaml:2: key 'text': expected text of one line, found a list");
    refuse("name: x\ntext: {a: b}\n", "expected text of one line, found a map of keys");
    refuse("name: x\ntext:\n", "expected text of one line, found nothing");
    refuse("name: x\ntext: null\n", "expected text of one line, found nothing");
    refuse("name: x\ntext: |\n  a\n  b\n", "expected text of one line, found 'a\\x0ab\\x0a'");
    refuse("name: x\ntext: \"\\e[2J\"\n", "expected text of one line, found '\\x1b[2J'");
    refuse("name: x\nprose: \"a\\e\"\n", "expected text, found 'a\\x1b'");
    refuse(line, "x.yaml:2: key 'text': longer than 4096 bytes");
    refuse(prose, "x.yaml:2: key 'prose': longer than 65536 bytes");
}

static void wrong_names_and_paths(void **state)
{
    (void)state;
    refuse("name: Web\n", "x.yaml:1: key 'name': expected a name of a-z");
    refuse("name: ''\n", "expected a name of a-z, 0-9, '.', '_', '+', '~', '-', found ''");
    refuse("name: -x\n", "found '-x'");
    refuse("name: a/b\n", "found 'a/b'");
    refuse("name: x\npath: ../x\n", "key 'path': expected a relative path without '..'");
    refuse("name: x\npath: /x\n", "found '/x'");
    refuse("name: x\ndigest: abc\n", "expected a SHA-256 of 64 lower-case hex digits, found 'abc'");
}

static void wrong_values(void **state)
{
    (void)state;
    refuse("name: x\non: yes\n", "key 'on': expected true or false without quotes, found 'yes'");
    refuse("name: x\non: \"true\"\n", "expected true or false without quotes");
    refuse("name: x\non:\n", "expected true or false, found nothing");
    refuse("name: x\ncount: 0\n", "key 'count': expected from 1 to 64, found '0'");
    refuse("name: x\ncount: 65\n", "expected from 1 to 64, found '65'");
    refuse("name: x\ncount: -1\n", "expected a whole number, found '-1'");
    refuse("name: x\ncount: 1.5\n", "expected a whole number, found '1.5'");
    refuse("name: x\ncount: '5'\n", "expected a whole number, found '5'");
    refuse("name: x\ncount: 99999999999999999999\n", "expected a whole number");
    refuse("name: x\nsize: 3GB\n", "expected a size such as 512MiB or 3GiB, found '3GB'");
    refuse("name: x\nsize: 2GiB\n", "expected from 1.0 KiB to 1.0 GiB, found '2GiB'");
    refuse("name: x\ntime: soon\n", "expected a duration such as 90s, 5m or 2h, found 'soon'");
    refuse("name: x\ntime: 2h\n", "expected from 1.0 s to 1 h 00 min, found '2h'");
    refuse("name: x\ntime: [1]\n", "expected a duration such as 90s, 5m or 2h, found a list");
}

static void wrong_lists(void **state)
{
    (void)state;
    refuse("name: x\ntexts: a\n", "x.yaml:2: key 'texts': expected a list, found 'a'");
    refuse("name: x\ntexts:\n  - a\n  - [b]\n",
           "x.yaml:4: key 'texts[1]': expected text of one line, found a list");
    refuse("name: x\nnames: [a, B]\n", "key 'names[1]': expected a name of a-z");
    refuse("name: x\nset: red\n", "key 'set': expected a list, found 'red'");
    refuse("name: x\nset: [red, pink]\n",
           "key 'set[1]': expected one of red, green, blue, found 'pink'");
}

static void wrong_words(void **state)
{
    (void)state;
    refuse("name: x\ncolor: pink\n",
           "x.yaml:2: key 'color': expected one of red, green, blue, found 'pink'");
    refuse("name: x\ncolor: [red]\n", "expected one of red, green, blue, found a list");
    refuse("name: x\ncolor:\n", "found nothing");
    refuse_with_hint("name: x\ncolor: gren\n", "found 'gren'", "did you mean 'green'?");
    refuse("name: x\ncustom: even\n", "x.yaml:2: key 'custom': expected odd");
}

static int count_item(const struct decoder *d, const struct node *item, const char *path, void *arg,
                      struct err **err)
{
    int *n = arg;

    AUTO_FREE char *expected = xasprintf("list[%d]", *n);
    assert_string_equal(path, expected);
    if (strcmp(item->text, "bad") == 0)
        return decode_error(d, item, path, err, "this one is bad");
    (*n)++;
    return 0;
}

static void lists_are_walked(void **state)
{
    static const struct decoder d = { "x.yaml" };
    AUTO_ERR e = NULL;
    AUTO_NODE good = node_parse("[a, b]", 6, "x.yaml", &e);
    AUTO_NODE bad = node_parse("- a\n- bad\n", 10, "x.yaml", &e);
    AUTO_NODE none = node_parse("a", 1, "x.yaml", &e);
    int n = 0;

    (void)state;
    expect_ok(decode_list(&d, good, "list", count_item, &n, &e), &e);
    assert_int_equal(n, 2);
    n = 0;
    expect_err(decode_list(&d, bad, "list", count_item, &n, &e), ERR_INVALID,
               "x.yaml:2: key 'list[1]': this one is bad", &e);
    expect_err(decode_list(&d, none, "list", count_item, &n, &e), ERR_INVALID,
               "x.yaml:1: key 'list': expected a list, found text", &e);
}

static void names(void **state)
{
    AUTO_FREE char *longest = xcalloc(130, 1);

    (void)state;
    assert_true(name_is_valid("a"));
    assert_true(name_is_valid("0.9_x+y~z-1"));
    assert_false(name_is_valid(""));
    assert_false(name_is_valid(".a"));
    assert_false(name_is_valid("A"));
    assert_false(name_is_valid("a b"));
    assert_false(name_is_valid("a\n"));
    assert_false(name_is_valid("\xc3\xa4"));
    memset(longest, 'a', 128);
    assert_true(name_is_valid(longest));
    longest[128] = 'a';
    assert_false(name_is_valid(longest));
}

static void distances(void **state)
{
    char longer[65];

    (void)state;
    memset(longer, 'a', 64);
    longer[64] = '\0';
    assert_int_equal(suggest_distance("", ""), 0);
    assert_int_equal(suggest_distance("", "abc"), 3);
    assert_int_equal(suggest_distance("abc", ""), 3);
    assert_int_equal(suggest_distance("memory", "memory"), 0);
    assert_int_equal(suggest_distance("memroy", "memory"), 1); /* neighbours swapped */
    assert_int_equal(suggest_distance("memry", "memory"), 1);
    assert_int_equal(suggest_distance("memorry", "memory"), 1);
    assert_int_equal(suggest_distance("memony", "memory"), 1);
    assert_int_equal(suggest_distance("kitten", "sitting"), 3);
    assert_true(suggest_distance(longer, "a") == SIZE_MAX);
    assert_true(suggest_distance(longer + 1, "a") == 62);
    assert_true(suggest_is_near("memroy", 1));
    assert_false(suggest_is_near("ab", 1));
    assert_false(suggest_is_near("memory-size", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(what_is_absent_keeps_its_default),
        cmocka_unit_test(what_is_given_replaces_its_default),
        cmocka_unit_test(unknown_keys),
        cmocka_unit_test(missing_keys),
        cmocka_unit_test(wrong_text),
        cmocka_unit_test(wrong_names_and_paths),
        cmocka_unit_test(wrong_values),
        cmocka_unit_test(wrong_lists),
        cmocka_unit_test(wrong_words),
        cmocka_unit_test(lists_are_walked),
        cmocka_unit_test(names),
        cmocka_unit_test(distances),
    };

    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
