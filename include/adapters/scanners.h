/*
 * scanners - programs of the host that look at a list of packages (ports/scanner.h).
 *
 * Both get what a guest has as a dpkg status file in a private directory (dpkg_status.h) and their
 * data as files, so they need no network and see nothing of the host's own packages.
 */
#ifndef ADAPTERS_SCANNERS_H
#define ADAPTERS_SCANNERS_H

#include "ports/scanner.h"

extern const struct scanner scan_debsecan; /* debsecan(1), feeds of kind "debsecan" */
extern const struct scanner scan_oscap;    /* oscap(8), feeds of kind "oval" */

#endif
