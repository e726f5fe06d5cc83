/* patch_source_work - what the files of patch sources share; see core/patch_source.h. */
#ifndef VALIDATOR_CORE_PATCH_SOURCE_WORK_H
#define VALIDATOR_CORE_PATCH_SOURCE_WORK_H

#include "core/patch_source.h"
#include "core/release_file.h"
#include "ports/http.h"

struct query;
struct store;

/* A poll or a fetch on its way: one at a time for each source. */
struct source_work {
    const struct site *site;
    struct patch_source source;
    const struct patch_source_progress *progress; /* may be NULL */
    char *dir;                                    /* DIR/sources/NAME */
    int lock;
    const char *doing; /* what is downloaded, for the progress */
};
/* clang-format off */
#define SOURCE_WORK_NONE { .lock = -1 }
/* clang-format on */

/* ERR_CONFLICT when another process works with the source. */
int source_work_open(struct source_work *w, const struct site *site, const char *name,
                     const struct patch_source_progress *progress, struct err **err);
void source_work_release(struct source_work *w);
#define AUTO_SOURCE_WORK __attribute__((cleanup(source_work_release))) struct source_work

void source_step(const struct source_work *w, const char *what);

/* What is wanted of a file whose digest is known from a signed release. */
struct source_file {
    const char *path; /* below the URI */
    int64_t size;
    const char *sha256;
    const char *to; /* it is there, complete and checked, after success */
};

/* Downloads it, or finds that it is there.  A file with another digest is removed. */
int source_get(struct source_work *w, const struct source_file *f, struct err **err);

/* The suite's release as the server has it now; verified, not judged. */
struct source_release {
    bool unchanged; /* as by the stored ETag; nothing else is set */
    char *text;
    size_t len;
    struct strv signers;
    char *etag, *modified;
};
int source_get_release(struct source_work *w, struct source_release *ret, struct err **err);
void source_release_release(struct source_release *r);

char *source_url(const struct source_work *w, const char *path); /* the caller frees */
char *source_file_path(const struct source_work *w, const char *name);

/*
 * Takes an index (decompressed text) into the table, inside the caller's transaction; counts the
 * packages.  Those of other architectures are left out.
 */
int source_index_add(struct store *tx, const struct patch_source *s, const char *text, size_t len,
                     const char *name, int64_t *ret_count, struct err **err);

/* An index as plain text, which the caller frees. */
char *source_index_read(const struct source_work *w, const json_t *index, size_t *ret_len,
                        struct err **err);

#endif
