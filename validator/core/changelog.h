/* changelog - what a Debian changelog (deb-changelog(5)) says was fixed; pure. */
#ifndef VALIDATOR_CORE_CHANGELOG_H
#define VALIDATOR_CORE_CHANGELOG_H

#include <stddef.h>

#include "base/json.h"

/*
 * Adds {"cve", "origin": "changelog", "package", "version"} to the list `ret` for each CVE that an
 * entry names: of the topmost entry, and with `since` of every entry that is newer than that
 * version.  `version` is that of the entry, the oldest one that names the CVE.  A CVE that is in
 * the list already is left out.  Hostile text may claim anything, but adds no more than
 * CHANGELOG_CLAIMS_MAX.
 */
#define CHANGELOG_CLAIMS_MAX 5000
void changelog_claims(const char *text, size_t len, const char *package, const char *since,
                      json_t *ret);

#endif
