/*
 * lab_permit - how many clones run at once on this host, over all processes of a state directory.
 *
 * A permit is a lock on one of the files DIR/permits/0 ... N-1; the kernel lets go of it when its
 * process dies.  Taking one also waits until the host has the memory for the clone; meanwhile the
 * file DIR/permits/memory is locked, so that other processes know.
 */
#ifndef ADAPTERS_LAB_PERMIT_H
#define ADAPTERS_LAB_PERMIT_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct stop;

/* Twice the cores: a clone waits for its disk and its timers about half of the time. */
int lab_permit_default(void);

/* The descriptor that holds the permit, to be closed by the caller; -1 on error.  Waits as long as
 * it takes, until the stop is raised. */
int lab_permit_take(const char *lab_dir, int clones, int64_t memory, const struct stop *stop,
                    struct err **err);

/* Has the host the memory for `clones` of them now?  True when it cannot be told. */
bool lab_memory_for(int clones, int64_t memory);

/* Whether a clone of any process waits for memory. */
bool lab_memory_wanted(const char *lab_dir);

#endif
