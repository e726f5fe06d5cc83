/*
 * vulns - what is known to be vulnerable: the feeds of a site at one moment, in memory.
 *
 *     AUTO_VULNS v = vulns_load(store, "deb", err);
 *     const char *release = release_of(&packages);
 *     if (release) vulns_match(v, &packages, release, &findings);
 *
 * Loaded once, never changed, and read by several threads at the same time: both sides of a patch
 * are matched with the very same data, and vulns_digest() says which.  A loaded set needs about 30
 * bytes a row and each different text once.
 */
#ifndef CORE_VULNS_H
#define CORE_VULNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/json.h"
#include "ports/scanner.h"

struct err;
struct package_list;
struct store;
struct vulns;

/* Versions from `introduced` (NULL: the first) to before `fixed` or up to `last` (NULL: no end),
 * but for those in `spared` (separated by blanks). */
struct vuln {
    const char *ecosystem, *package; /* as given to vulns_add() in this order */
    int names;                       /* enum feed_names */
    const char *id, *advisory, *feed;
    enum severity severity;
    const char *introduced, *fixed, *last, *spared;
};

/* Of the ecosystems whose packages are of this kind ("deb", "rpm"; NULL: all). */
struct vulns *vulns_load(struct store *s, const char *kind, struct err **err);

/* By hand; texts are copied, ecosystem and package must come in order. */
struct vulns *vulns_new(void);
void vulns_add(struct vulns *v, const struct vuln *row);
void vulns_free(struct vulns *v);

size_t vulns_count(const struct vulns *v);

/* [{"feed","kind","digest","dated","records"}], sorted by feed; and the digest of that: the same
 * digest, the same data. */
json_t *vulns_data(const struct vulns *v); /* the caller's reference */
const char *vulns_digest(const struct vulns *v);

/* Does any row speak of this release? */
bool vulns_know(const struct vulns *v, const char *release);

/* The findings in a list of packages; sorted, one for each id and package.  Pure. */
void vulns_match(const struct vulns *v, const struct package_list *packages, const char *release,
                 struct finding_list *ret);

/* The release that a list of packages belongs to, as OSV calls it ("Debian:12"), by the version of
 * the package that carries it (base-files, rocky-release ...); NULL when none is known.  The caller
 * frees. */
char *release_of(const struct package_list *packages);

static inline void vulns_freep(struct vulns **v)
{
    vulns_free(*v);
}
#define AUTO_VULNS __attribute__((cleanup(vulns_freep))) struct vulns *

#endif
