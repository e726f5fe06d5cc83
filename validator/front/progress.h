/*
 * progress - what goes on, on stderr, while a command works: which step, how far, how long.
 *
 *     auto    a line that is rewritten on a terminal, else plain
 *     plain   a line for each thing that happens
 *     json    the same facts, one JSON object a line: {"at","elapsed_ms","kind",...,"body"}
 *     none    nothing
 */
#ifndef FRONT_PROGRESS_H
#define FRONT_PROGRESS_H

#include <stdint.h>

#include "core/event.h"

struct cli;
struct err;
struct progress;

struct progress *progress_new(const struct cli *c, struct err **err); /* by --progress */
void progress_free(struct progress *p); /* clears the line it has drawn */

/* A step of a work that is no run (building an image); fraction < 0: not known. */
void progress_step(void *progress, const char *what, double fraction);

/* An event of a run. */
void progress_event(struct progress *p, int64_t run, const struct event *e);

static inline void progress_freep(struct progress **p)
{
    progress_free(*p);
}
#define AUTO_PROGRESS __attribute__((cleanup(progress_freep))) struct progress *

#endif
