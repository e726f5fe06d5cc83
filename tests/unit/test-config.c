/* config: what config.yaml may say, and what it may not. */
#include "base.h"
#include "front/wire.h"

static int read_text(const char *dir, const char *text, struct config *ret, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, "config.yaml");
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0644, &e), &e);
    return config_read(path, ret, err);
}

static void everything_can_be_said(void **state)
{
    struct config c = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(read_text(*state,
                        "lab: {uri: 'qemu:///system', accel: tcg}\n"
                        "cache: /srv/cache\n"
                        "scan: {scanner: debsecan, applications: 5}\n"
                        "testcases: [/srv/a, /srv/b]\n"
                        "gate: {patched: review, rolled-back: note}\n"
                        "observe: false\n",
                        &c, &e),
              &e);
    assert_string_equal(c.lab_uri, "qemu:///system");
    assert_string_equal(accel_choices[c.lab_accel], "tcg");
    assert_string_equal(c.cache, "/srv/cache");
    assert_int_equal(c.testcases.len, 2);
    assert_string_equal(c.testcases.ptr[1], "/srv/b");
    assert_false(c.observe);
    assert_string_equal(c.scan_scanner, "debsecan");
    assert_int_equal(c.scan_applications, 5);
    assert_int_equal(c.gates.level[POINT_FIRST], GATE_REVIEW);
    assert_int_equal(c.gates.level[POINT_REBOOTED], GATE_FAIL);
    assert_int_equal(c.gates.level[POINT_ROLLED_BACK], GATE_NOTE);
    config_release(&c);
}

static void expect_defaults(const struct config *c)
{
    assert_null(c->lab_uri);
    assert_string_equal(accel_choices[c->lab_accel], "auto");
    assert_null(c->cache);
    assert_int_equal(c->testcases.len, 0);
    assert_true(c->observe);
    assert_null(c->scan_scanner);
    assert_int_equal(c->scan_applications, 0);
    for (int i = 0; i < POINT_MAX_; i++)
        assert_int_equal(c->gates.level[i], i == POINT_ROLLED_BACK ? GATE_REVIEW : GATE_FAIL);
}

static void an_absent_file_is_an_empty_one(void **state)
{
    AUTO_FREE char *path = path_join(*state, "config.yaml");
    struct config c = { .lab_accel = 2 };
    AUTO_ERR e = NULL;

    expect_ok(config_read(path, &c, &e), &e);
    expect_defaults(&c);
}

static void what_is_not_said_keeps_its_default(void **state)
{
    struct config c = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(read_text(*state, "{}\n", &c, &e), &e);
    expect_defaults(&c);
    config_release(&c);
    expect_ok(read_text(*state, "lab: {}\n", &c, &e), &e);
    expect_defaults(&c);
    config_release(&c);
}

static void refused(const char *dir, const char *text, const char *part)
{
    struct config c = { .lab_accel = 1 };
    AUTO_ERR e = NULL;
    int rc = read_text(dir, text, &c, &e);

    expect_err(rc, ERR_INVALID, part, &e);
    assert_int_equal(c.lab_accel, 1); /* written only on success */
    assert_null(c.cache);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    refused(*state, "gate: {patched: never}\n",
            "key 'gate.patched': expected one of fail, review, note, found 'never'");
    refused(*state, "gate: {as-is: fail}\n", "key 'gate.as-is': unknown key");
    refused(*state, "# a comment\nlab:\n  accel: xen\n", "config.yaml:3: key 'lab.accel'");
    refused(*state, "lab: fast\n", "config.yaml:1: key 'lab'");
    refused(*state, "cache: [a]\n", "config.yaml:1: key 'cache'");
    refused(*state, "cache: /a\ntestcases: /srv\n", "config.yaml:2: key 'testcases'");
    refused(*state, "cache: /a\ncache: /b\n", "config.yaml:2");
    refused(*state, "lab: {uri: x, speed: 3}\n", "key 'lab.speed'");
}

static void a_slip_names_the_key_that_was_meant(void **state)
{
    refused(*state, "testcase: [/srv]\n", "'testcases'");
}

static void what_was_read_before_an_error_is_freed(void **state)
{
    refused(*state, "cache: /srv/cache\ntestcases: [/a, /b]\nlab: {uri: u, accel: no}\n",
            "key 'lab.accel'");
}

static void no_document_is_no_config(void **state)
{
    refused(*state, "", "config.yaml");
    refused(*state, "- a\n", "config.yaml:1");
    refused(*state, "lab: {uri: &a x}\n", "config.yaml:1");
}

static void a_directory_is_no_config(void **state)
{
    struct config c = { 0 };
    AUTO_ERR e = NULL;

    assert_int_equal(config_read(*state, &c, &e), -1);
    assert_non_null(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(everything_can_be_said),
        scratch_test(an_absent_file_is_an_empty_one),
        scratch_test(what_is_not_said_keeps_its_default),
        scratch_test(what_is_wrong_is_named_with_its_line),
        scratch_test(a_slip_names_the_key_that_was_meant),
        scratch_test(what_was_read_before_an_error_is_freed),
        scratch_test(no_document_is_no_config),
        scratch_test(a_directory_is_no_config),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
