/* packages - what a patch did to the installed packages; pure. */
#ifndef CORE_PACKAGES_H
#define CORE_PACKAGES_H

#include "base/json.h"
#include "ports/pkgmgr.h"

/*
 * {"added": [{"name","to"}], "changed": [{"name","from","to"}], "removed": [{"name","from"}]}
 * of two lists sorted by name.  `ret_count` counts all three.
 */
json_t *packages_diff(const struct package_list *before, const struct package_list *after,
                      size_t *ret_count);

#endif
