/*
 * deb_name - Debian's rules for names, versions and architectures (Policy 5.6).
 *
 * The strict rules are for packages that come in.  What dpkg on a guest reports is older and
 * wider: it takes upper case and '_' in names, and versions that do not begin with a digit.
 */
#ifndef VALIDATOR_ADAPTERS_DEB_NAME_H
#define VALIDATOR_ADAPTERS_DEB_NAME_H

#include <stdbool.h>

bool deb_name_is_valid(const char *s);    /* "libssl3", "g++-12" */
bool deb_version_is_valid(const char *s); /* "1:3.0.11-1~deb12u2" */
bool deb_arch_is_valid(const char *s);    /* "amd64", "all" */

bool deb_dpkg_name_is_valid(const char *s); /* as dpkg takes it, with ":amd64" or without */
bool deb_dpkg_version_is_valid(const char *s);

#endif
