/*
 * rpm_list - what rpm says is installed, read strictly: it comes from a guest.
 *
 * A line is NAME TAB ARCH TAB VERSION TAB SOURCE-RPM, where "(none)" is what rpm has for nothing.
 *
 * A package is "NAME:ARCH".  Of several versions of one (kernels, keys) the newest has that name
 * and the others their version behind it: "kernel:x86_64 5.14.0-70.el9".
 */
#ifndef VALIDATOR_ADAPTERS_RPM_LIST_H
#define VALIDATOR_ADAPTERS_RPM_LIST_H

#include <stddef.h>

#include "ports/pkgmgr.h"

#define RPM_LIST_MAX (16u << 20)
#define RPM_LIST_PACKAGES_MAX 100000

int rpm_list_parse(const char *text, size_t len, struct package_list *ret, struct err **err);

#endif
