/* proc_own - the children that proc.c has started and not buried yet; see proc_owns(). */
#ifndef VALIDATOR_BASE_PROC_OWN_H
#define VALIDATOR_BASE_PROC_OWN_H

#include <sys/types.h>

/* fork() happens between these two, so that nobody sees a child which is not in the list. */
void own_begin(void);
void own_end(pid_t pid); /* of the child; -1: there is none */

void own_remove(pid_t pid);

#endif
