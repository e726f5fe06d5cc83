/*
 * patch_fetch - one patch out of a patch source: updates, and what they depend on.
 *
 * What a system needs for its updates is computed by the solver port (apt itself) over the indexes
 * that were verified when the source was polled; nothing else is offered to it.  Each file is
 * downloaded, compared with its digest in the signed index and then taken in as by patch_add(): the
 * same bytes are tested, approved and rolled out later.  So is each version that it replaces, from
 * whichever polled source of the site has it, for taking the patch back.
 */
#ifndef CORE_PATCH_FETCH_H
#define CORE_PATCH_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "core/patch_source.h"
#include "ports/pkgmgr.h"

struct patch_fetch {
    const char *source;          /* name */
    const struct strv *with;     /* sources that only have what the updates depend on */
    const struct strv *packages; /* names; empty: all that `installed` lacks */
    /* What the system has; NULL: not known.  Then `packages` are taken as they are, the newest of
     * each, and nothing that they depend on. */
    const struct package_list *installed;
    const char *target; /* what `installed` is of, for the record: "image 'web'" */
    bool security;      /* refuse a source that is no security archive: ERR_INVALID */
    const char *name;   /* of the patch; NULL: found out */
    const struct patch_source_progress *progress;
};

struct patch_fetched {
    int64_t patch;     /* 0: nothing is lacking */
    bool is_new;       /* false: the same bytes were known */
    json_t *changes;   /* [{"name", "arch", "from" or null, "to", "source"}] */
    json_t *kept_back; /* names that cannot be updated without removing something */
    /* What would take the patch back and is not to be had: [{"name", "arch", "version"}].  Without
     * `installed` nobody knows what that would be. */
    json_t *undo_missing;
};
void patch_fetched_release(struct patch_fetched *f);
#define AUTO_PATCH_FETCHED __attribute__((cleanup(patch_fetched_release))) struct patch_fetched

/*
 * ERR_CONFLICT: the source was never polled, or one that has something of this is in use.
 * ERR_NOT_FOUND: it has no such package.  ERR_DENIED: it cannot be done, with apt's reason.  After
 * an error there is no patch; what was downloaded stays for the next attempt.
 */
int patch_fetch(const struct site *site, const struct patch_fetch *f, struct patch_fetched *ret,
                struct err **err);

#endif
