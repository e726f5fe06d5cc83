/*
 * scan - what is known today about the packages that a run or an image has.
 *
 * Looks at lists that runs recorded; no clone is made.  A run's own scans, before and after its
 * patch, are part of its verdict (core/run.h) and stay as they were.
 */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

#include <stdint.h>

#include "base/json.h"

struct err;
struct image;
struct package_list;
struct site;

/*
 * {"run", "image", "release", "packages", "scanner", "version", "parameters", "data": {"digest",
 * "feeds"}, "findings"}
 * A finding (core/finding.h) also has "exploited": null or {"name", "added", "due", "ransomware",
 * "rule", "deadline"}, and "likelihood": null or 0..1.  That of an image also has "servers":
 * [names] and "exposure", the widest of them that is known, or null.
 *
 * `scanner` NULL: the default; ERR_INVALID when it is unknown or not installed.
 * ERR_NOT_FOUND without a list, without data, or without data about the release of the list.
 */
json_t *scan_run(const struct site *site, int64_t run, const char *scanner, struct err **err);
json_t *scan_image(const struct site *site, const struct image *i, const char *scanner,
                   struct err **err);

/* The same of a list that somebody brings: "run" and "image" are null. */
json_t *scan_packages(const struct site *site, const struct package_list *packages,
                      const char *scanner, struct err **err);

/*
 * Emergencies: what images that are there and servers have, and attackers are known to use.
 * [{"image", "servers", "exposure", "cve", "name", "package", "installed", "fixed_in", "added",
 * "due", "rule", "deadline", "overdue", "ransomware"}], the nearest deadline first.  One entry for
 * each exposure among the servers; `image` is null for servers that told their packages themselves
 * (core/server_facts.h).  Images without a list of packages are left out.
 */
json_t *scan_emergencies(const struct site *site, struct err **err);

#endif
