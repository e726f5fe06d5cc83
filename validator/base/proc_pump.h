/* proc_pump - reading both outputs of a child while looking at the clock and the stop. */
#ifndef VALIDATOR_BASE_PROC_PUMP_H
#define VALIDATOR_BASE_PROC_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct child;
struct proc_spec;
struct stop;

struct pump {
    const struct proc_spec *spec;
    struct child *child;
    struct str out, err; /* what is kept */
    struct str line;     /* of stdout, not yet complete */
    bool after_return;   /* the last byte seen was '\r' */
};

enum pump_end { PUMP_EXITED, PUMP_DEADLINE, PUMP_STOPPED };

void pump_init(struct pump *p, const struct proc_spec *spec, struct child *c);

/* Until the child has exited and its outputs are at their end (a grandchild that keeps one open
 * is waited for one second), or the deadline, or the stop (NULL: none). */
enum pump_end pump_run(struct pump *p, int64_t deadline_ms, const struct stop *stop);

void pump_release(struct pump *p);
#define AUTO_PUMP __attribute__((cleanup(pump_release))) struct pump

#endif
