/*
 * server_standard - the build standards: what each server of a category must show, and who
 * deviates from it.
 *
 *     AUTO_STANDARDS all = standards_read(path, err);
 *     json_t *who = standards_deviations(site, all, &filter, err);
 *
 * DIR/standards.yaml: docs/formats.md, 'standards.yaml'.
 */
#ifndef CORE_SERVER_STANDARD_H
#define CORE_SERVER_STANDARD_H

#include <stdbool.h>

#include "base/json.h"

struct err;
struct package_list;
struct server_filter;
struct site;
struct standards;

/* ERR_NOT_FOUND without the file; ERR_INVALID: file and line. */
struct standards *standards_read(const char *path, struct err **err);
void standards_free(struct standards *s);

/* {category: {"packages": {name: wish}, "units": {...}, "sysctl": {...}}}; the caller's. */
json_t *standards_json(const struct standards *s);

/*
 * What servers show of what they must, sorted by name:
 *     [{"server", "category", "state", "from", "deviations": [{"fact", "wanted", "found"}],
 *       "unknown": [facts]}]
 * `state`: "deviates", "unknown" (what nobody has told might), "conforms", "no standard".  `from`:
 * where the list of packages is from, or why there is none.  `found` null: it is not there.
 */
json_t *standards_deviations(const struct site *site, const struct standards *s,
                             const struct server_filter *f, struct err **err);

/* Does a list have it as wished ("present", "absent", ">= 3.0.14")?  Pure.  `name` with an
 * architecture ("libc6:i386") means that one, else all that are there.  *ret_found: the version
 * that decides, NULL: not there; the caller frees. */
bool standard_holds(const struct package_list *l, const char *name, const char *wish,
                    char **ret_found);

static inline void standards_freep(struct standards **s)
{
    standards_free(*s);
}
#define AUTO_STANDARDS __attribute__((cleanup(standards_freep))) struct standards *

#endif
