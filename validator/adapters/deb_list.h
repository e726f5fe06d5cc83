/*
 * deb_list - what dpkg-query says is installed, read strictly: it comes from a guest.
 *
 * A line is NAME TAB VERSION TAB STATUS TAB SOURCE TAB SOURCE-VERSION.
 *
 * Packages that are removed are left out; one that is not quite installed has its state behind
 * the version: "1.2-3 (half-configured)".
 */
#ifndef VALIDATOR_ADAPTERS_DEB_LIST_H
#define VALIDATOR_ADAPTERS_DEB_LIST_H

#include <stddef.h>

#include "ports/pkgmgr.h"

/* For dpkg-query -f. */
#define DEB_LIST_FORMAT \
    "${binary:Package}\\t${Version}\\t${db:Status-Abbrev}" \
    "\\t${source:Package}\\t${source:Version}\\n"
#define DEB_LIST_MAX (16u << 20)
#define DEB_LIST_PACKAGES_MAX 100000

int deb_list_parse(const char *text, size_t len, struct package_list *ret, struct err **err);

#endif
