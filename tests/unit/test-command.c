/* A program with a deadline, from YAML and JSON and back. */
#include "unit/base.h"

#include "base/node.h"
#include "core/command.h"

static const struct decoder d = { "x.yaml" };

static int decode(const char *yaml, struct command *c, struct err **err)
{
    AUTO_NODE n = node_parse(yaml, strlen(yaml), "x.yaml", err);

    assert_non_null(n);
    return command_decode(&d, n, "ready", c, err);
}

static void is_read_with_its_deadline(void **state)
{
    struct command c = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(decode("command: [/bin/sh, -c, 'exit 0', '']\ntimeout: 1h\n", &c, &e), &e);
    assert_int_equal(c.argv.len, 4);
    assert_string_equal(c.argv.ptr[2], "exit 0");
    assert_string_equal(c.argv.ptr[3], "");
    assert_null(c.argv.ptr[4]); /* goes to exec() as it is */
    assert_int_equal(c.timeout_ms, 60 * 60 * 1000);
    command_release(&c);
    assert_int_equal(c.argv.len, 0);
    command_release(&c);
}

static void has_a_minute_by_default(void **state)
{
    struct command c = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(decode("command: [/bin/true]\n", &c, &e), &e);
    assert_int_equal(c.timeout_ms, 60 * 1000);
    command_release(&c);
}

static void slips_are_named(void **state)
{
    static const struct {
        const char *yaml, *message;
    } rows[] = {
        { "timeout: 5s\n", "x.yaml:1: key 'ready.command': required, but missing" },
        { "command: []\n", "x.yaml:1: key 'ready': expected a command of at least one word" },
        { "command: /bin/true\n", "x.yaml:1: key 'ready.command': expected a list" },
        { "command: [[a]]\n", "key 'ready.command[0]': expected text" },
        { "command: [a]\ntimeout: 999ms\n", "x.yaml:2: key 'ready.timeout': expected from 1" },
        { "command: [a]\ntimeout: 3601s\n", "x.yaml:2: key 'ready.timeout': expected from 1" },
        { "comand: [a]\n", "key 'ready.comand': unknown key, did you mean 'command'?" },
        { "[a]\n", "x.yaml:1: key 'ready': expected a map" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct command c = { 0 };
        AUTO_ERR e = NULL;

        expect_err(decode(rows[i].yaml, &c, &e), ERR_INVALID, rows[i].message, &e);
        command_release(&c);
    }
}

static void json_brings_it_back(void **state)
{
    struct command c = { 0 }, back = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(decode("command: [/bin/a, b]\ntimeout: 2s\n", &c, &e), &e);
    AUTO_JSON *j = command_json(&c);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, "{\"argv\":[\"/bin/a\",\"b\"],\"timeout_ms\":2000}");
    command_from_json(j, &back);
    assert_int_equal(back.argv.len, 2);
    assert_string_equal(back.argv.ptr[1], "b");
    assert_int_equal(back.timeout_ms, 2000);
    command_release(&c);
    command_release(&back);
}

static void none_is_null(void **state)
{
    struct command c = { 0 };
    AUTO_JSON *j = command_json(&c);

    (void)state;
    assert_true(json_is_null(j));
    command_from_json(j, &c);
    assert_int_equal(c.argv.len, 0);
    command_from_json(NULL, &c);
    assert_int_equal(c.argv.len, 0);
    assert_null(c.argv.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_with_its_deadline),
        cmocka_unit_test(has_a_minute_by_default),
        cmocka_unit_test(slips_are_named),
        cmocka_unit_test(json_brings_it_back),
        cmocka_unit_test(none_is_null),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
