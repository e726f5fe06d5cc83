/*
 * What takes a fetched patch back: the versions that it replaces, of any source that has them.
 *
 * An archive drops an old version soon, so not to have it is no error: the patch says so.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/patch_fetch_work.h"
#include "core/site.h"
#include "store/store.h"

/* 1: found, 0: this source does not have it. */
static int find(struct fetch_work *w, int64_t source, const struct fetch_file *f,
                struct fetch_file *ret, struct err **err)
{
    AUTO_QUERY q = store_query(
        w->site->store,
        FETCH_FILE_ROWS " AND version = ?3 AND arch IN (?4, 'all') ORDER BY arch = 'all'",
        ARGS(A_INT(source), A_TEXT(f->name), A_TEXT(f->from), A_TEXT(f->arch)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc > 0)
        *ret = fetch_file_of(q, 0);
    return rc;
}

/* Where the source is in w->sources; opened when it is not yet.  -1: error. */
static int index_of(struct fetch_work *w, const char *name, size_t *ret, struct err **err)
{
    for (*ret = 0; *ret < w->source_count; ++*ret) {
        if (str_eq(w->sources[*ret].source.spec.name, name))
            return 0;
    }
    return fetch_open_source(w, name, err);
}

/* 1: it is there now, 0: this source has it no more. */
static int try_source(struct fetch_work *w, int64_t id, const char *name,
                      const struct fetch_file *f, struct err **err)
{
    struct fetch_file older = { 0 };
    AUTO_ERR e = NULL;
    int rc = find(w, id, f, &older, err);

    if (rc <= 0)
        return rc;
    if (index_of(w, name, &older.source, &e) == 0 && fetch_get_file(w, &older, &e) == 0) {
        w->undo = xreallocarray(w->undo, w->undo_count + 1, sizeof(*w->undo));
        w->undo[w->undo_count++] = older;
        return 1;
    }
    fetch_file_release(&older);
    if (e->code == ERR_NOT_FOUND)
        return 0;
    *err = TAKE(e);
    return err_wrap(err, "the older '%s' %s", f->name, f->from);
}

/* All that were polled; those that the fetch names first.  1: found, 0: nobody has it. */
static int find_anywhere(struct fetch_work *w, const struct fetch_file *f, struct err **err)
{
    const struct patch_source *given;
    AUTO_STRV tried = { 0 };

    for (size_t i = 0, n = w->given_count; i < n; i++) {
        given = &w->sources[i].source;
        int rc = try_source(w, given->id, given->spec.name, f, err);
        if (rc != 0)
            return rc;
        strv_add(&tried, given->spec.name);
    }
    AUTO_QUERY q = store_query(w->site->store,
                               "SELECT id, name FROM patch_source WHERE release IS NOT NULL"
                               " AND json_extract(spec, '$.arch') = ? ORDER BY name",
                               ARGS(A_TEXT(w->sources[0].source.spec.arch)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (strv_has(&tried, query_text(q, 1)))
            continue;
        int found = try_source(w, query_int(q, 0), query_text(q, 1), f, err);
        if (found != 0)
            return found;
    }
    return rc;
}

int fetch_undo(struct fetch_work *w, struct err **err)
{
    source_step(&w->sources[0], "look for what takes the patch back");
    for (size_t i = 0; i < w->file_count; i++) {
        const struct fetch_file *f = &w->files[i];

        if (!f->from)
            continue;
        int rc = find_anywhere(w, f, err);
        if (rc < 0)
            return -1;
        if (rc == 0)
            json_array_append_new(w->undo_missing,
                                  json_pack("{s:s, s:s, s:o}", "name", f->name, "arch", f->arch,
                                            "version", json_text(f->from)));
    }
    return 0;
}
