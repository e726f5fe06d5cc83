/*
 * stop - "please stop": one flag that a signal, a person or another thread sets and that
 * every wait looks at.
 *
 * A stop only ever goes from clear to set.  stop_fd() becomes readable when it is set, so that
 * poll() can wait for it together with other things.  Safe from threads; stop_raise() is safe
 * from a signal handler too.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct stop;

struct stop *stop_new(void);
void stop_free(struct stop *s);
void stop_raise(struct stop *s, int signo); /* signo 0: not by a signal */
bool stop_raised(const struct stop *s);     /* NULL: never */
int stop_signal(const struct stop *s);      /* the first signal that raised it, 0 when none */
int stop_fd(const struct stop *s);          /* -1 for NULL */

/* Sleeps until the time is over (0) or the stop is raised (-1, ERR_CANCELLED "interrupted"). */
int stop_sleep(const struct stop *s, int64_t ms, struct err **err);

/* -1 and ERR_CANCELLED when raised. */
int stop_check(const struct stop *s, struct err **err);

/* Makes SIGINT, SIGTERM and SIGHUP raise `s` (a second SIGINT within 2 s is not special: teardown
 * is bounded).  One stop a process; NULL restores the defaults. */
void stop_on_signals(struct stop *s);

static inline void stop_freep(struct stop **s)
{
    stop_free(*s);
}
#define AUTO_STOP __attribute__((cleanup(stop_freep))) struct stop *

#endif
