/*
 * rpm_state - what the guest says when it is asked how its packages stand, read strictly.
 *
 * Lines of columns that are cut by tabs, in any order but for the last:
 *
 *     conffile  "kept" or "replaced", PATH, the other PATH
 *     reboot    "kernel", INSTALLED, RUNNING
 *     reboot    "needs-restarting"
 *     end
 */
#ifndef VALIDATOR_ADAPTERS_RPM_STATE_H
#define VALIDATOR_ADAPTERS_RPM_STATE_H

#include <stddef.h>

#include "ports/pkgmgr.h"

#define RPM_STATE_MAX (4u << 20)
#define RPM_STATE_LINES_MAX 20000

/* ERR_GUEST: it is something else, or not complete. */
int rpm_state_parse(const char *text, size_t len, struct pkg_state *ret, struct err **err);

#endif
