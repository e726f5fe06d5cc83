/* packages - lists of packages: what a patch did to them, and those that runs have recorded. */
#ifndef CORE_PACKAGES_H
#define CORE_PACKAGES_H

#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"
#include "ports/pkgmgr.h"

struct err;
struct site;

/*
 * {"added": [{"name","to"}], "changed": [{"name","from","to"}], "removed": [{"name","from"}]}
 * of two lists sorted by name; pure.  `ret_count` counts all three.
 */
json_t *packages_diff(const struct package_list *before, const struct package_list *after,
                      size_t *ret_count);

/* [[name, version, source, source version], ...]: the blob of a record 'lane.packages'. */
json_t *package_list_json(const struct package_list *l);
/* ERR_CORRUPT when it is something else. */
int package_list_from_json(const json_t *j, struct package_list *ret, struct err **err);

/* As a blob. */
int package_list_put(const struct site *site, const struct package_list *l,
                     char ret[DIGEST_HEX_SIZE], struct err **err);
int package_list_get(const struct site *site, const char *digest, struct package_list *ret,
                     struct err **err);

/* The newest list that a run has of its patched guest, and that any run has of an untouched guest
 * of this image (with the run's number).  ERR_NOT_FOUND when there is none. */
int package_list_of_run(const struct site *site, int64_t run, struct package_list *ret,
                        struct err **err);
int package_list_of_image(const struct site *site, int64_t image, struct package_list *ret,
                          int64_t *ret_run, struct err **err);

#endif
