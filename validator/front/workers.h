/*
 * workers - more of this program, each working on one run at a time: 'patchlab work' as children.
 *
 * Calling sequence: workers_start() -> workers_running() ... -> workers_end().  Each child has a
 * lab slot of its own and meets the others in the store only.
 */
#ifndef FRONT_WORKERS_H
#define FRONT_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct stop;
struct workers;

struct workers_plan {
    const char *state; /* the state directory */
    const int64_t *only;
    size_t count;
    int standby; /* clones that each keeps ready while it waits */
    bool drain;
    bool loud;
};

/* `n` children that take the runs in `only` (all queued ones, when `count` is 0) until there are
 * no more (drain) or they are told to stop.  With `loud`, what they print is printed. */
struct workers *workers_start(int n, const struct workers_plan *plan);
int workers_running(struct workers *w);

/* Tells the children to stop when they still run, and waits: a run goes back on the queue. */
void workers_stop(struct workers *w);

/* Waits for the last; *ret_problem is what the first that failed said, NULL: none did. */
void workers_end(struct workers *w, char **ret_problem);

#endif
