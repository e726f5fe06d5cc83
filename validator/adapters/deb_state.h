/*
 * deb_state - what the guest says when it is asked how its packages stand, read strictly.
 *
 * Lines of columns that are cut by tabs, in any order but for the last:
 *
 *     package   STATUS (as in deb_status.h), NAME, VERSION; those in order may be left out
 *     skipped   NAME, VERSION, OFFERED: a patch had more than what is on hold
 *     conffile  NAME or "-", PATH, "kept" or "replaced", the other PATH or "-", "dpkg" or "ucf"
 *     reboot    "package", NAME: it asks for one
 *     reboot    "kernel", INSTALLED, RUNNING
 *     reboot    "unknown"
 *     end
 */
#ifndef VALIDATOR_ADAPTERS_DEB_STATE_H
#define VALIDATOR_ADAPTERS_DEB_STATE_H

#include <stddef.h>

#include "ports/pkgmgr.h"

#define DEB_STATE_MAX (4u << 20)
#define DEB_STATE_LINES_MAX 20000

/* ERR_GUEST: it is something else, or not complete. */
int deb_state_parse(const char *text, size_t len, struct pkg_state *ret, struct err **err);

#endif
