/* unit: numbers with units, their edges, and how they are shown. */
#include "base.h"
#include "base/unit.h"

static void whole_numbers(void **state)
{
    AUTO_ERR e = NULL;
    int64_t n = -1;

    (void)state;
    expect_ok(unit_parse_int("0", 0, 10, &n, &e), &e);
    assert_int_equal(n, 0);
    expect_ok(unit_parse_int("10", 0, 10, &n, &e), &e);
    assert_int_equal(n, 10);
    expect_ok(unit_parse_int("9223372036854775807", 0, INT64_MAX, &n, &e), &e);
    assert_true(n == INT64_MAX);
    expect_err(unit_parse_int("11", 0, 10, &n, &e), ERR_INVALID, "11 is not between 0 and 10", &e);
    expect_err(unit_parse_int("1", 2, 10, &n, &e), ERR_INVALID, "between 2 and 10", &e);
    assert_true(n == INT64_MAX); /* untouched by failures */
}

static void what_is_no_number(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1x",
        "0x10",
        "1.5",
        "1e3",
        "\xd9\xa1",
        "nan",
        "9223372036854775808",
        "99999999999999999999999999",
    };
    int64_t n = 7;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_ERR e = NULL;
        expect_err(unit_parse_int(bad[i], 0, INT64_MAX, &n, &e), ERR_INVALID,
                   "is not a whole number", &e);
    }
    assert_int_equal(n, 7);
}

static void sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {
        { "0", 0 },
        { "512", 512 },
        { "1B", 1 },
        { "1KiB", 1024 },
        { "512MiB", INT64_C(512) << 20 },
        { "3GiB", INT64_C(3) << 30 },
        { "2TiB", INT64_C(2) << 40 },
        { "8388607TiB", INT64_C(8388607) << 40 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_ERR e = NULL;
        int64_t n = -1;
        expect_ok(unit_parse_size(rows[i].text, &n, &e), &e);
        assert_true(n == rows[i].bytes);
    }
}

static void what_is_no_size(void **state)
{
    static const char *const bad[] = {
        "",
        "GiB",
        "1 GiB",
        "1.5GiB",
        "1GB",
        "1G",
        "1gib",
        "-1GiB",
        "1GiBx",
        "1GiB ",
        "8388608TiB",
        "9223372036854775808",
        "9007199254740992KiB",
        "1s",
    };
    int64_t n = 7;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_ERR e = NULL;
        expect_err(unit_parse_size(bad[i], &n, &e), ERR_INVALID, "is not a size", &e);
    }
    assert_int_equal(n, 7);
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        { "0", 0 },       { "90", 90000 },   { "250ms", 250 },      { "90s", 90000 },
        { "5m", 300000 }, { "2h", 7200000 }, { "30d", 2592000000 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_ERR e = NULL;
        int64_t n = -1;
        expect_ok(unit_parse_duration(rows[i].text, &n, &e), &e);
        assert_true(n == rows[i].ms);
    }
}

static void what_is_no_duration(void **state)
{
    static const char *const bad[] = { "",
                                       "s",
                                       "1min",
                                       "1 s",
                                       "-1s",
                                       "1S",
                                       "1.5",
                                       "1sms",
                                       "1GiB",
                                       "9223372036854775s8",
                                       "9223372036854776s",
                                       "106751991168d" };
    int64_t n = 7;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_ERR e = NULL;
        expect_err(unit_parse_duration(bad[i], &n, &e), ERR_INVALID, "is not a duration", &e);
    }
    assert_int_equal(n, 7);
}

/* A hostile argument is shortened and made printable before it is quoted. */
static void messages_are_safe(void **state)
{
    AUTO_ERR e = NULL;
    char text[1000] = "\x1b[2J";
    int64_t n;

    (void)state;
    memset(text + 4, 'x', sizeof(text) - 5);
    assert_int_equal(unit_parse_size(text, &n, &e), -1);
    assert_non_null(strstr(e->msg, "'\\x1b[2Jxx"));
    assert_true(strlen(e->msg) < 200);
}

static void check_size(int64_t bytes, const char *expected)
{
    AUTO_FREE char *text = unit_size(bytes);

    assert_string_equal(text, expected);
}

static void sizes_are_shown(void **state)
{
    (void)state;
    check_size(0, "0 B");
    check_size(820, "820 B");
    check_size(1023, "1023 B");
    check_size(1024, "1.0 KiB");
    check_size(1536, "1.5 KiB");
    check_size(INT64_C(3) << 29, "1.5 GiB");
    check_size((INT64_C(1) << 20) - 1, "1.0 MiB"); /* never "1024.0 KiB" */
    check_size((INT64_C(1) << 40), "1.0 TiB");
    check_size(INT64_MAX, "8388608.0 TiB");
}

static void check_duration(int64_t ms, const char *expected)
{
    AUTO_FREE char *text = unit_duration(ms);

    assert_string_equal(text, expected);
}

static void durations_are_shown(void **state)
{
    (void)state;
    check_duration(-5, "0.0 s");
    check_duration(0, "0.0 s");
    check_duration(400, "0.4 s");
    check_duration(12345, "12.3 s");
    check_duration(59949, "59.9 s");
    check_duration(59950, "1 min 00 s"); /* never "60.0 s" */
    check_duration(245000, "4 min 05 s");
    check_duration(3599499, "59 min 59 s");
    check_duration(3599500, "1 h 00 min");
    check_duration(11400000, "3 h 10 min");
    check_duration(INT64_MAX, "2562047788015 h 12 min");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(sizes),
        cmocka_unit_test(what_is_no_size),
        cmocka_unit_test(durations),
        cmocka_unit_test(what_is_no_duration),
        cmocka_unit_test(messages_are_safe),
        cmocka_unit_test(sizes_are_shown),
        cmocka_unit_test(durations_are_shown),
    };

    return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
