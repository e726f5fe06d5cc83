/* node: YAML and JSON into trees with lines; everything hostile is refused with its line. */
#include "base.h"
#include "base/clock.h"
#include "base/node.h"

static struct node *parse(const char *text, struct err **err)
{
    return node_parse(text, strlen(text), "x.yaml", err);
}

static struct node *parse_ok(const char *text)
{
    AUTO_ERR e = NULL;
    struct node *n = parse(text, &e);

    expect_ok(n ? 0 : -1, &e);
    return n;
}

static void refuse_n(const char *text, size_t len, const char *part)
{
    AUTO_ERR e = NULL;

    assert_null(node_parse(text, len, "x.yaml", &e));
    expect_err(-1, ERR_INVALID, part, &e);
}

static void refuse(const char *text, const char *part)
{
    refuse_n(text, strlen(text), part);
}

static void a_tree_remembers_its_lines(void **state)
{
    AUTO_NODE n = parse_ok("# comment\nname: web\nlist:\n  - one\n  - two\nmap:\n  a: {b: c}\n");

    (void)state;
    assert_int_equal(n->kind, NODE_MAP);
    assert_int_equal(n->len, 3);
    assert_int_equal(n->line, 2);
    assert_int_equal(n->key_lines[1], 3);
    assert_string_equal(n->keys[1], "list");
    const struct node *list = node_get(n, "list");
    assert_int_equal(list->kind, NODE_LIST);
    assert_int_equal(list->line, 4);
    assert_int_equal(list->len, 2);
    assert_string_equal(list->items[1]->text, "two");
    assert_int_equal(list->items[1]->line, 5);
    const struct node *c = node_get(node_get(node_get(n, "map"), "a"), "b");
    assert_string_equal(c->text, "c");
    assert_null(node_get(n, "none"));
    assert_null(node_get(list, "one"));
}

static void scalars_stay_text(void **state)
{
    AUTO_NODE n = parse_ok(
        "[1.10, no, 0x1F, null, \"null\", 'it''s', 2026-11-24, ~, \"\\u00e4\\n\"]");
    static const char *const texts[] = { "1.10", "no",         "0x1F", "null",      "null",
                                         "it's", "2026-11-24", "~",    "\xc3\xa4\n" };

    (void)state;
    assert_int_equal(n->len, ARRAY_LEN(texts));
    for (size_t i = 0; i < n->len; i++)
        assert_string_equal(n->items[i]->text, texts[i]);
    assert_true(n->items[3]->plain);
    assert_false(n->items[4]->plain);
    assert_false(n->items[5]->plain);
}

static void blocks_of_text(void **state)
{
    AUTO_NODE n = parse_ok("a: |\n  one\n  two\nb: >\n  folded\n  line\nc:\n");

    (void)state;
    assert_string_equal(node_get(n, "a")->text, "one\ntwo\n");
    assert_false(node_get(n, "a")->plain);
    assert_string_equal(node_get(n, "b")->text, "folded line\n");
    assert_string_equal(node_get(n, "c")->text, "");
    assert_true(node_get(n, "c")->plain);
}

static void json_is_accepted(void **state)
{
    AUTO_NODE n = parse_ok("{\n\t\"a\":1,\"b\" : [true,null , {\"c\":\"x\\/\\\"\\u20ac\"}],\n"
                           "\t\"e\": {}, \"f\": []\n}\n");

    (void)state;
    assert_string_equal(node_get(n, "a")->text, "1");
    const struct node *b = node_get(n, "b");
    assert_int_equal(b->len, 3);
    assert_string_equal(node_get(b->items[2], "c")->text, "x/\"\xe2\x82\xac");
    assert_int_equal(node_get(n, "e")->kind, NODE_MAP);
    assert_int_equal(node_get(n, "e")->len, 0);
    assert_int_equal(node_get(n, "f")->kind, NODE_LIST);
}

static void one_value_alone(void **state)
{
    AUTO_NODE n = parse_ok("--- word\n...\n");
    AUTO_NODE quoted = parse_ok("''");

    (void)state;
    assert_string_equal(n->text, "word");
    assert_string_equal(quoted->text, "");
}

static void empty_documents(void **state)
{
    (void)state;
    refuse("", "x.yaml:1: the document is empty");
    refuse("# only a comment\n\n", "the document is empty");
    refuse("---\n", "the document is empty");
    refuse("---\n...\n", "the document is empty");
}

static void what_yaml_offers_and_we_refuse(void **state)
{
    (void)state;
    refuse("a: 1\nb: &x 2\n", "x.yaml:2: anchors are not allowed");
    refuse("a: &x [1]\n", "x.yaml:1: anchors are not allowed");
    refuse("a: &x {b: 1}\n", "x.yaml:1: anchors are not allowed");
    refuse("&x a: 1\n", "x.yaml:1: anchors are not allowed");
    refuse("a: 1\nb:\n  c: *x\n", "x.yaml:3: aliases are not allowed");
    refuse("*x : 1\n", "x.yaml:1: aliases are not allowed");
    refuse("a: !!int 1\n", "x.yaml:1: tags are not allowed");
    refuse("a: !x [1]\n", "x.yaml:1: tags are not allowed");
    refuse("!!map {a: 1}\n", "x.yaml:1: tags are not allowed");
    refuse("a: 1\n---\nb: 2\n", "x.yaml:2: only one document is allowed");
    refuse("[a]: 1\n", "x.yaml:1: a key must be plain text");
    refuse("? {a: 1}\n: 1\n", "x.yaml:1: a key must be plain text");
}

static void duplicate_keys(void **state)
{
    (void)state;
    refuse("a: 1\nb: 2\na: 3\n", "x.yaml:3: key 'a' is given twice");
    refuse("x:\n  - {a: 1,\n     b: 2, \"a\": 3}\n", "x.yaml:3: key 'a' is given twice");
    refuse("b: 1\na: 1\nb: 2\na: 2\n", "x.yaml:3: key 'b' is given twice");
    refuse("\"\\e\": 1\n\"\\e\": 2\n", "x.yaml:2: key '\\x1b' is given twice");
}

static void broken_text(void **state)
{
    (void)state;
    refuse("a: 1\nb: [1, 2\nc: 3\n", "x.yaml:");
    refuse("a: 1\n b: 2\n", "x.yaml:2: ");
    refuse("a: \"x\n", "x.yaml:");
    refuse("\ta: 1\n", "x.yaml:1: ");
    refuse("a: 1\nb: \xff\n", "x.yaml:2: not valid UTF-8");
    refuse("a: 1\n\nb: \xed\xa0\x80\n", "x.yaml:3: not valid UTF-8");
    refuse("a: 1\nb: \x1b[2J\n", "x.yaml:2: control characters are not allowed");
    refuse_n("a: x\0y\n", 7, "x.yaml:1: control characters are not allowed");
    refuse_n("a: 1\nb: \"x\\0y\"\n", 15, "x.yaml:2: a NUL character is not allowed");
    refuse_n("\xff\xfe"
             "a\0:\0 \0"
             "1\0",
             10, "x.yaml:1: not valid UTF-8"); /* UTF-16 */
}

static char *nested(int depth, const char *open, const char *inner, const char *close)
{
    struct str s = STR_INIT(1 << 20);

    for (int i = 0; i < depth; i++)
        str_add(&s, open);
    str_add(&s, inner);
    for (int i = 0; i < depth; i++)
        str_add(&s, close);
    return str_take(&s);
}

static void depth_is_limited(void **state)
{
    AUTO_FREE char *lists = nested(NODE_MAX_DEPTH, "[", "x", "]");
    AUTO_FREE char *maps = nested(NODE_MAX_DEPTH, "{a: ", "x", "}");
    AUTO_FREE char *deeper = nested(NODE_MAX_DEPTH + 1, "[", "x", "]");
    AUTO_FREE char *deep_maps = nested(NODE_MAX_DEPTH + 1, "{a: ", "x", "}");
    AUTO_FREE char *dashes = nested(100000, "- ", "x", "");
    AUTO_FREE char *brackets = nested(300000, "[", "", "");

    (void)state;
    AUTO_NODE n = parse_ok(lists);
    AUTO_NODE m = parse_ok(maps);
    assert_int_equal(n->kind, NODE_LIST);
    assert_int_equal(m->kind, NODE_MAP);
    refuse(deeper, "x.yaml:1: nested deeper than 32 levels");
    refuse(deep_maps, "x.yaml:1: nested deeper than 32 levels");
    refuse(dashes, "x.yaml:1: nested deeper than 32 levels");
    refuse(brackets, "x.yaml:1: nested deeper than 32 levels");
}

static void size_is_limited(void **state)
{
    AUTO_FREE char *big = xcalloc(5u << 20, 1);

    (void)state;
    memset(big, '#', 5u << 20);
    refuse_n(big, 5u << 20, "x.yaml: larger than 4194304 bytes");
    memcpy(big, "a: ", 3);
    memset(big + 3, 'x', NODE_MAX_BYTES - 3);
    AUTO_ERR e = NULL;
    AUTO_NODE n = node_parse(big, NODE_MAX_BYTES, "x.yaml", &e);
    expect_ok(n ? 0 : -1, &e);
    assert_int_equal(strlen(node_get(n, "a")->text), NODE_MAX_BYTES - 3);
}

static char *many(int count, const char *fmt_line)
{
    struct str s = STR_INIT(NODE_MAX_BYTES);

    for (int i = 0; i < count; i++)
        str_addf(&s, "%s%d: x\n", fmt_line, i);
    return str_take(&s);
}

static void the_number_of_values_is_limited(void **state)
{
    AUTO_FREE char *fits = many(49999, "k");
    AUTO_FREE char *too_many = many(50000, "k");

    (void)state;
    int64_t before = clock_mono_ms();
    AUTO_NODE n = parse_ok(fits); /* 49999 keys and values, and the map itself */
    assert_int_equal(n->len, 49999);
    refuse(too_many, "more than 100000 values");
    assert_true(clock_mono_ms() - before < 20000); /* not quadratic: seconds even in valgrind */
}

static void files_are_read(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = path_join(*state, "f.yaml");
    AUTO_FREE char *big = xcalloc(5u << 20, 1);

    expect_ok(file_write(path, "a: 1\nb\n", 7, 0600, &e), &e);
    assert_null(node_read(path, &e));
    expect_err(-1, ERR_INVALID, "f.yaml:3: ", &e);
    expect_ok(file_write(path, "a: 1\n", 5, 0600, &e), &e);
    AUTO_NODE n = node_read(path, &e);
    expect_ok(n ? 0 : -1, &e);
    expect_ok(file_write(path, big, 5u << 20, 0600, &e), &e);
    assert_null(node_read(path, &e));
    expect_err(-1, ERR_INVALID, "larger than 4194304 bytes", &e);
    AUTO_FREE char *none = path_join(*state, "none.yaml");
    assert_null(node_read(none, &e));
    expect_err(-1, ERR_NOT_FOUND, "cannot open", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_remembers_its_lines),
        cmocka_unit_test(scalars_stay_text),
        cmocka_unit_test(blocks_of_text),
        cmocka_unit_test(json_is_accepted),
        cmocka_unit_test(one_value_alone),
        cmocka_unit_test(empty_documents),
        cmocka_unit_test(what_yaml_offers_and_we_refuse),
        cmocka_unit_test(duplicate_keys),
        cmocka_unit_test(broken_text),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(the_number_of_values_is_limited),
        scratch_test(files_are_read),
    };

    return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
