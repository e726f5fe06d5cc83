/* patch_fetch_work - what the files of patch_fetch share; see core/patch_fetch.h. */
#ifndef VALIDATOR_CORE_PATCH_FETCH_WORK_H
#define VALIDATOR_CORE_PATCH_FETCH_WORK_H

#include "core/patch_fetch.h"
#include "core/patch_source_work.h"
#include "ports/solver.h"

enum { FETCH_SOURCES_MAX = 16 };

/* One file of the patch to be. */
struct fetch_file {
    size_t source; /* index in fetch_work.sources */
    char *name, *arch, *version, *origin, *from;
    char *path, *sha256; /* below the URI */
    int64_t size;
    char *local; /* where it is, once downloaded */
};

struct fetch_work {
    const struct site *site;
    const struct patch_fetch *fetch;
    struct source_work sources[FETCH_SOURCES_MAX]; /* the first is fetch->source */
    size_t source_count;
    struct fetch_file *files;
    size_t file_count;
    struct strv kept_back;
};

/* Which packages, into w->files. */
int fetch_choose(struct fetch_work *w, struct err **err);

/*
 * A dpkg status file of `installed`, which the caller frees.  What the indexes know of the same
 * versions (Provides) is taken from them, and these versions out of the indexes, whose texts are
 * changed in place.
 */
char *fetch_status(const struct package_list *installed, const char *arch,
                   struct solver_index *indexes, size_t n, size_t *ret_len, struct err **err);

#endif
