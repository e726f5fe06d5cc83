/*
 * reaper - the embedded driver's QEMU processes, as children of this process.
 *
 * libvirt detaches QEMU and, to end one, waits until its process id is gone.  That is init's doing,
 * and the init of a container may take seconds over it, or never do it.  So this process takes the
 * place of init for what its children leave behind, and buries it.
 */
#ifndef ADAPTERS_REAPER_H
#define ADAPTERS_REAPER_H

#include <sys/types.h>

void reaper_start(void);

/* Ends one at once, without asking it; bounded in time.  libvirt would ask, and a QEMU full of
 * memory takes a while to end, to no purpose: what it could still write is thrown away. */
void reaper_kill(pid_t pid);

void reaper_poll(void); /* buries those that ended by themselves; call it now and then */

#endif
