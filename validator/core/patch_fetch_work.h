/* patch_fetch_work - what the files of patch_fetch share; see core/patch_fetch.h. */
#ifndef VALIDATOR_CORE_PATCH_FETCH_WORK_H
#define VALIDATOR_CORE_PATCH_FETCH_WORK_H

#include "core/patch_fetch.h"
#include "core/patch_source_work.h"
#include "ports/solver.h"

struct query;

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
    size_t given_count; /* of these, those that the fetch names; others only have older versions */
    struct fetch_file *files, *undo;
    size_t file_count, undo_count;
    json_t *undo_missing; /* [{"name", "arch", "version"}] */
    struct strv kept_back;
};

/* A row of this. */
#define FETCH_FILE_ROWS \
    "SELECT name, arch, version, origin, file, size, sha256 FROM patch_source_package" \
    " WHERE source = ?1 AND name = ?2"
struct fetch_file fetch_file_of(struct query *q, size_t source);
void fetch_file_release(struct fetch_file *f);

/* Adds it to w->sources.  ERR_CONFLICT: it is in use, or was never polled. */
int fetch_open_source(struct fetch_work *w, const char *name, struct err **err);

/* Downloads it, checked, to f->local.  ERR_NOT_FOUND: the server has it no more. */
int fetch_get_file(struct fetch_work *w, struct fetch_file *f, struct err **err);

/* Which packages, into w->files. */
int fetch_choose(struct fetch_work *w, struct err **err);

/* What the chosen ones replace, downloaded into w->undo; what is not to be had is told. */
int fetch_undo(struct fetch_work *w, struct err **err);

/*
 * A dpkg status file of `installed`, which the caller frees.  What the indexes know of the same
 * versions (Provides) is taken from them, and these versions out of the indexes, whose texts are
 * changed in place.
 */
char *fetch_status(const struct package_list *installed, const char *arch,
                   struct solver_index *indexes, size_t n, size_t *ret_len, struct err **err);

#endif
