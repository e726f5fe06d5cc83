/*
 * lab_permit - how many clones run at once on this host, over all processes of a state directory.
 *
 * A permit is a lock on one of the files DIR/permits/0 ... N-1; the kernel lets go of it when its
 * process dies.  Taking one also waits until the host has the memory for the clone.
 */
#ifndef ADAPTERS_LAB_PERMIT_H
#define ADAPTERS_LAB_PERMIT_H

#include <stdint.h>

struct err;
struct stop;

/* Twice the cores: a clone waits for its disk and its timers about half of the time. */
int lab_permit_default(void);

/* The descriptor that holds the permit, to be closed by the caller; -1 on error.  Waits as long as
 * it takes, until the stop is raised. */
int lab_permit_take(const char *lab_dir, int clones, int64_t memory, const struct stop *stop,
                    struct err **err);

#endif
