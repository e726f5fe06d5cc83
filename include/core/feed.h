/*
 * feed - where vulnerability data comes from, and taking it in.
 *
 *     feed_add() -> feed_poll() ... -> vulns_load() / threat_find()
 *
 * An import replaces all that a feed said before, in one transaction: after a crash or an error
 * the old data is there, whole.  The digest of the data and the date it gives itself are recorded,
 * and data that did not change is not imported again.
 */
#ifndef CORE_FEED_H
#define CORE_FEED_H

#include <stdint.h>

#include "base/json.h"

struct err;
struct site;

struct feed_spec {
    const char *name;    /* name_is_valid() */
    const char *kind;    /* of site->feeds */
    const char *source;  /* an existing file or directory, or a URL */
    const char *release; /* "Debian:12"; NULL unless the kind needs it */
};

/* ERR_CONFLICT when the name is taken.  Nothing is read yet. */
int feed_add(const struct site *site, const struct feed_spec *spec, int64_t *ret_id,
             struct err **err);

/* Forgets a feed and its data. */
int feed_remove(const struct site *site, const char *name, struct err **err);

/* [{"name","kind","source","release","digest","dated","imported","polled","records"}] by name. */
json_t *feed_list(const struct site *site, struct err **err);

/*
 * Looks at all feeds (or at `only`) and imports those whose data changed.  One that fails does not
 * keep others from being read: [{"feed", "changed": bool, "records", "skipped", "dated",
 * "error": null | "..."}].  `skipped` counts statements about releases of unknown kinds.
 */
json_t *feed_poll(const struct site *site, const char *only, struct err **err);

#endif
