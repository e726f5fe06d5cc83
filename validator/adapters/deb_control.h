/*
 * deb_control - the control file of a package: one stanza of "Field: value" lines.
 *
 * Strict, because it decides what a patch is: one stanza only, no field twice, no line that is
 * not understood.  Only the fields that identify the package are kept.
 */
#ifndef VALIDATOR_ADAPTERS_DEB_CONTROL_H
#define VALIDATOR_ADAPTERS_DEB_CONTROL_H

#include <stddef.h>

#include "ports/archive.h"

#define DEB_CONTROL_MAX (1u << 20) /* bytes; the largest in Debian 12 is under 100 KiB */
#define DEB_CONTROL_FIELDS_MAX 200

int deb_control_parse(const char *text, size_t len, struct package_info *ret, struct err **err);

#endif
