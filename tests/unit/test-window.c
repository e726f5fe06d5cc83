/* Maintenance windows. */
#include "unit/base.h"

#include "core/window.h"

static void windows_are_read(void **state)
{
    static const struct {
        const char *text;
        struct window want;
    } rows[] = {
        { "daily 01:00-03:00", { 0x7f, 0, 60, 180 } },
        { "sat,sun 22:00-04:00", { 0x60, 0, 1320, 240 } },
        { "tue#2 18:00-24:00", { 0x02, 2, 1080, 1440 } },
        { "mon 00:00-24:00", { 0x01, 0, 0, 1440 } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct window w;
        AUTO_ERR e = NULL;

        expect_ok(window_parse(rows[i].text, &w, &e), &e);
        assert_int_equal(w.days, rows[i].want.days);
        assert_int_equal(w.nth, rows[i].want.nth);
        assert_int_equal(w.from, rows[i].want.from);
        assert_int_equal(w.to, rows[i].want.to);
    }
}

static void what_is_no_window_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "s",
        "sat",
        "sat,",
        "sat ",
        "sat#",
        "sat#0 01:00-02:00",
        "sat#5 01:00-02:00",
        "sat,sat 01:00-02:00",
        "sat,daily 01:00-02:00",
        "Sat 01:00-02:00",
        "sat  01:00-02:00",
        "sat 1:00-02:00",
        "sat 01:60-02:00",
        "sat 24:00-02:00",
        "sat 01:00-24:01",
        "sat 01:00-01:00",
        "sat 01:00",
        "sat 01:00-",
        "sat 01:00-02:00 ",
        "sat 01:00-02:00\x1b[2J",
        "daily",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct window w;
        AUTO_ERR e = NULL;

        assert_int_equal(window_parse(bad[i], &w, &e), -1);
        assert_non_null(e);
        assert_null(strchr(e->msg, '\x1b'));
        expect_err(-1, ERR_INVALID, "is no maintenance window", &e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_read),
        cmocka_unit_test(what_is_no_window_is_refused),
    };

    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
