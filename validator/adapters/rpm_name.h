/* rpm_name - what may stand in the names and versions of rpm packages: what rpmbuild accepts. */
#ifndef VALIDATOR_ADAPTERS_RPM_NAME_H
#define VALIDATOR_ADAPTERS_RPM_NAME_H

#include <stdbool.h>

bool rpm_name_is_valid(const char *s);
bool rpm_arch_is_valid(const char *s);
bool rpm_version_is_valid(const char *s); /* a version or a release alone */
bool rpm_evr_is_valid(const char *s);     /* [EPOCH:]VERSION-RELEASE */

/* "openssl-3.0.7-1.el9.src.rpm" is "openssl" and "3.0.7-1.el9".  -1: it is no such thing.  The
 * caller frees; `ret_version` may be NULL. */
int rpm_source_split(const char *file, char **ret_name, char **ret_version);

#endif
