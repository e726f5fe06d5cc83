/* clock - the real clock, and the place where a test puts its own; see base/clock.h. */
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_wall(void)
{
    return read_ms(CLOCK_REALTIME);
}

static int64_t real_mono(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

static void real_sleep(int64_t ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
        ;
}

static const struct clock_ops real = { real_wall, real_mono, real_sleep };
static _Atomic(const struct clock_ops *) current = &real;

int64_t clock_wall_ms(void)
{
    return atomic_load(&current)->wall_ms();
}

int64_t clock_mono_ms(void)
{
    return atomic_load(&current)->mono_ms();
}

void clock_sleep_ms(int64_t ms)
{
    if (ms > 0)
        atomic_load(&current)->sleep_ms(ms);
}

void clock_set(const struct clock_ops *ops)
{
    atomic_store(&current, ops ? ops : &real);
}

bool clock_is_real(void)
{
    return atomic_load(&current) == &real;
}

const char *clock_text(int64_t wall_ms, char buf[CLOCK_TEXT_SIZE])
{
    static const int64_t last = 253402300799999; /* the year 9999 ends: four digits hold */
    int64_t ms = wall_ms < 0 ? 0 : wall_ms > last ? last : wall_ms;
    time_t seconds = (time_t)(ms / 1000);
    struct tm t;

    gmtime_r(&seconds, &t);
    size_t n = strftime(buf, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &t);
    snprintf(buf + n, CLOCK_TEXT_SIZE - n, ".%03dZ", (int)(ms % 1000));
    return buf;
}

int64_t clock_left_ms(int64_t deadline_ms)
{
    int64_t left = deadline_ms - clock_mono_ms();

    return left > 0 ? left : 0;
}
