/*
 * clock - time, as a variant that tests can own.
 *
 * Wall time is for records (milliseconds since 1970, UTC); monotonic time is
 * for deadlines and durations.  Everything asks through these functions; a
 * test installs its own with clock_set() and puts NULL back afterwards.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock_ops {
    int64_t (*wall_ms)(void);
    int64_t (*mono_ms)(void);
    void (*sleep_ms)(int64_t ms);
};

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
void clock_sleep_ms(int64_t ms); /* only for polling what offers no event */
void clock_set(const struct clock_ops *ops);
bool clock_is_real(void); /* false: a wait must take its time from clock_sleep_ms() */

/* RFC 3339, UTC, milliseconds: "2026-11-24T02:03:04.567Z" (fits in 25 bytes). */
#define CLOCK_TEXT_SIZE 32
const char *clock_text(int64_t wall_ms, char buf[CLOCK_TEXT_SIZE]);

/* A moment on the monotonic clock.  clock_left_ms() is never negative. */
static inline int64_t clock_deadline(int64_t timeout_ms)
{
    return clock_mono_ms() + timeout_ms;
}
int64_t clock_left_ms(int64_t deadline_ms);

#endif
