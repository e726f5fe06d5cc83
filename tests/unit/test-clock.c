/* clock: the text of a moment, deadlines, and a test's own time. */
#include "base.h"
#include "base/clock.h"

static int64_t now;

static int64_t fake_now(void)
{
    return now;
}

static void fake_sleep(int64_t ms)
{
    now += ms;
}

static const struct clock_ops fake = { fake_now, fake_now, fake_sleep };

static int use_fake(void **state)
{
    (void)state;
    now = 1000;
    clock_set(&fake);
    return 0;
}

static int use_real(void **state)
{
    (void)state;
    clock_set(NULL);
    return 0;
}

static void check_text(int64_t ms, const char *expected)
{
    char buf[CLOCK_TEXT_SIZE];

    assert_string_equal(clock_text(ms, buf), expected);
}

static void moments_are_rfc3339(void **state)
{
    (void)state;
    check_text(0, "1970-01-01T00:00:00.000Z");
    check_text(INT64_C(1795485784567), "2026-11-24T02:03:04.567Z");
    check_text(INT64_C(951782400001), "2000-02-29T00:00:00.001Z");
    check_text(INT64_C(253402300799999), "9999-12-31T23:59:59.999Z");
    check_text(INT64_MAX, "9999-12-31T23:59:59.999Z");
    check_text(-1, "1970-01-01T00:00:00.000Z");
}

static void the_local_zone_does_not_matter(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    check_text(0, "1970-01-01T00:00:00.000Z");
    unsetenv("TZ");
}

static void a_test_owns_time(void **state)
{
    (void)state;
    assert_false(clock_is_real());
    int64_t deadline = clock_deadline(50);
    assert_int_equal(clock_left_ms(deadline), 50);
    clock_sleep_ms(20);
    assert_int_equal(clock_left_ms(deadline), 30);
    clock_sleep_ms(1000);
    assert_int_equal(clock_left_ms(deadline), 0);
    assert_int_equal(clock_wall_ms(), 2020);
    clock_sleep_ms(-5);
    clock_sleep_ms(0);
    assert_int_equal(clock_wall_ms(), 2020);
}

static void the_real_clock_goes_on(void **state)
{
    (void)state;
    assert_true(clock_is_real());
    int64_t before = clock_mono_ms();
    clock_sleep_ms(20);
    assert_true(clock_mono_ms() - before >= 19);
    assert_true(clock_wall_ms() > INT64_C(1700000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_rfc3339),
        cmocka_unit_test(the_local_zone_does_not_matter),
        cmocka_unit_test_setup_teardown(a_test_owns_time, use_fake, use_real),
        cmocka_unit_test(the_real_clock_goes_on),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
