/* stop: one flag for every wait, raised by people, threads and signals. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base.h"
#include "base/clock.h"
#include "base/stop.h"

static bool is_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

static void nothing_stops_without_a_stop(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    assert_false(stop_raised(NULL));
    assert_int_equal(stop_fd(NULL), -1);
    assert_int_equal(stop_signal(NULL), 0);
    expect_ok(stop_check(NULL, &e), &e);
    expect_ok(stop_sleep(NULL, 1, &e), &e);
    stop_raise(NULL, SIGINT);
    stop_free(NULL);
}

static void it_goes_from_clear_to_set(void **state)
{
    AUTO_STOP s = stop_new();
    AUTO_ERR e = NULL;

    (void)state;
    assert_false(stop_raised(s));
    assert_false(is_readable(stop_fd(s)));
    expect_ok(stop_check(s, &e), &e);
    stop_raise(s, 0);
    assert_true(stop_raised(s));
    assert_true(is_readable(stop_fd(s)));
    assert_int_equal(stop_signal(s), 0);
    expect_err(stop_check(s, &e), ERR_CANCELLED, "interrupted", &e);
    expect_err(stop_sleep(s, 60000, &e), ERR_CANCELLED, "interrupted", &e);
}

static void the_first_signal_is_remembered(void **state)
{
    AUTO_STOP s = stop_new();

    (void)state;
    stop_raise(s, 0);
    stop_raise(s, SIGTERM);
    stop_raise(s, SIGINT);
    assert_int_equal(stop_signal(s), SIGTERM);
}

static void sleep_takes_its_time(void **state)
{
    AUTO_STOP s = stop_new();
    AUTO_ERR e = NULL;
    int64_t before = clock_mono_ms();

    (void)state;
    expect_ok(stop_sleep(s, 30, &e), &e);
    assert_true(clock_mono_ms() - before >= 29);
    expect_ok(stop_sleep(s, 0, &e), &e);
    expect_ok(stop_sleep(s, -1, &e), &e);
}

static void *raise_soon(void *arg)
{
    clock_sleep_ms(30);
    stop_raise(arg, 0);
    return NULL;
}

static void another_thread_ends_a_sleep(void **state)
{
    AUTO_STOP s = stop_new();
    AUTO_ERR e = NULL;
    pthread_t thread;
    int64_t before = clock_mono_ms();

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, raise_soon, s), 0);
    expect_err(stop_sleep(s, 60000, &e), ERR_CANCELLED, "interrupted", &e);
    pthread_join(thread, NULL);
    assert_true(clock_mono_ms() - before < 30000);
}

static int64_t now;

static int64_t fake_now(void)
{
    return now;
}

static void fake_sleep(int64_t ms)
{
    now += ms;
}

static void a_tests_clock_is_used(void **state)
{
    static const struct clock_ops fake = { fake_now, fake_now, fake_sleep };
    AUTO_STOP s = stop_new();
    AUTO_ERR e = NULL;

    (void)state;
    clock_set(&fake);
    int rc = stop_sleep(s, 3600000, &e);
    clock_set(NULL);
    expect_ok(rc, &e);
    assert_int_equal(now, 3600000);
}

static bool is_default(int signo)
{
    struct sigaction sa;

    sigaction(signo, NULL, &sa);
    return sa.sa_handler == SIG_DFL;
}

static void signals_raise_it(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        AUTO_STOP s = stop_new();
        stop_on_signals(s);
        raise(signals[i]);
        raise(SIGTERM);
        assert_true(stop_raised(s));
        assert_int_equal(stop_signal(s), signals[i]);
    }
    /* stop_free() has put the defaults back. */
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        assert_true(is_default(signals[i]));
}

static void nohup_is_respected(void **state)
{
    AUTO_STOP s = stop_new();

    (void)state;
    signal(SIGHUP, SIG_IGN);
    stop_on_signals(s);
    raise(SIGHUP);
    assert_false(stop_raised(s));
    stop_on_signals(NULL);
    signal(SIGHUP, SIG_DFL);
    assert_true(is_default(SIGTERM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stops_without_a_stop),
        cmocka_unit_test(it_goes_from_clear_to_set),
        cmocka_unit_test(the_first_signal_is_remembered),
        cmocka_unit_test(sleep_takes_its_time),
        cmocka_unit_test(another_thread_ends_a_sleep),
        cmocka_unit_test(a_tests_clock_is_used),
        cmocka_unit_test(signals_raise_it),
        cmocka_unit_test(nohup_is_respected),
    };

    return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
