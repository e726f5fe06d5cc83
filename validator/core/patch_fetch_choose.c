/* Which packages a fetch takes: the solver's plan, or the newest of what is named. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/patch_fetch_work.h"
#include "core/site.h"
#include "core/version.h"
#include "store/store.h"

/* --- rows of the index ---------------------------------------------------------------------- */

struct fetch_file fetch_file_of(struct query *q, size_t source)
{
    return (struct fetch_file){
        .source = source,
        .name = xstrdup(query_text(q, 0)),
        .arch = xstrdup(query_text(q, 1)),
        .version = xstrdup(query_text(q, 2)),
        .origin = xstrdup(query_text(q, 3)),
        .path = xstrdup(query_text(q, 4)),
        .size = query_int(q, 5),
        .sha256 = xstrdup(query_text(q, 6)),
    };
}

static struct query *rows_of(const struct fetch_work *w, size_t source, const char *name,
                             const char *version, struct err **err)
{
    return store_query(w->site->store, FETCH_FILE_ROWS " AND (?3 IS NULL OR version = ?3)",
                       ARGS(A_INT(w->sources[source].source.id), A_TEXT(name), A_TEXT(version)),
                       err);
}

static void add_file(struct fetch_work *w, const struct fetch_file *f)
{
    w->files = xreallocarray(w->files, w->file_count + 1, sizeof(*w->files));
    w->files[w->file_count++] = *f;
}

static int no_package(const struct fetch_work *w, const char *name, struct err **err)
{
    AUTO_FREE char *shown = str_printable(name, strnlen(name, 200), false);

    return err_set(err, ERR_NOT_FOUND, "patch source '%s' has no package '%s'",
                   w->sources[0].source.spec.name, shown);
}

/* --- as the solver says --------------------------------------------------------------------- */

static int add_change(struct fetch_work *w, const struct solver_change *c, struct err **err)
{
    for (size_t i = 0; i < w->source_count; i++) {
        AUTO_QUERY q = rows_of(w, i, c->name, c->to, err);
        int rc = q ? query_step(q, err) : -1;

        if (rc < 0)
            return -1;
        if (rc == 0)
            continue;
        struct fetch_file f = fetch_file_of(q, i);
        f.from = xstrdup(c->from);
        add_file(w, &f);
        return 0;
    }
    return err_set(err, ERR_CORRUPT, "apt chose '%s' %s, which no index has", c->name, c->to);
}

static int read_indexes(const struct source_work *s, bool only_for_need, struct solver_index *ret,
                        size_t max, size_t *n, struct err **err)
{
    const json_t *indexes = json_object_get(s->source.release, "indexes");
    size_t i;
    json_t *index;

    json_array_foreach(indexes, i, index)
    {
        if (*n == max)
            return err_set(err, ERR_INVALID, "more than %zu indexes", max);
        char *text = source_index_read(s, index, &ret[*n].len, err);
        if (!text)
            return -1;
        ret[*n].text = text;
        ret[(*n)++].only_for_need = only_for_need;
    }
    return 0;
}

enum { INDEXES_MAX = 64 };
struct index_list {
    struct solver_index ptr[INDEXES_MAX];
    size_t len;
};

static void index_list_release(struct index_list *l)
{
    for (size_t i = 0; i < l->len; i++)
        free((char *)(uintptr_t)l->ptr[i].text);
}

static int solve(struct fetch_work *w, struct solver_plan *ret, struct err **err)
{
    const struct patch_fetch *f = w->fetch;
    const char *arch = w->sources[0].source.spec.arch;
    __attribute__((cleanup(index_list_release))) struct index_list l = { 0 };
    size_t len = 0;

    for (size_t i = 0; i < w->source_count; i++) {
        if (read_indexes(&w->sources[i], i > 0, l.ptr, INDEXES_MAX, &l.len, err) < 0)
            return -1;
    }
    AUTO_FREE char *status = fetch_status(f->installed, arch, l.ptr, l.len, &len, err);
    if (!status)
        return -1;
    const struct solver_task task = {
        .arch = arch,
        .status = status,
        .status_len = len,
        .indexes = l.ptr,
        .index_count = l.len,
        .names = f->packages,
        .stop = w->site->stop,
    };
    return w->site->solver->solve(&task, ret, err);
}

/* apt would take what is not the name of a package for a pattern. */
static int check_names(const struct fetch_work *w, struct err **err)
{
    const struct strv *names = w->fetch->packages;

    for (size_t i = 0; i < names->len; i++) {
        AUTO_QUERY q = rows_of(w, 0, names->ptr[i], NULL, err);
        int rc = q ? query_step(q, err) : -1;

        if (rc <= 0)
            return rc < 0 ? -1 : no_package(w, names->ptr[i], err);
    }
    return 0;
}

static int choose_by_solver(struct fetch_work *w, struct err **err)
{
    AUTO_SOLVER_PLAN plan = { 0 };

    source_step(&w->sources[0], "compute the dependencies");
    if (check_names(w, err) < 0 || solve(w, &plan, err) < 0)
        return -1;
    for (size_t i = 0; i < plan.len; i++) {
        if (add_change(w, &plan.ptr[i], err) < 0)
            return -1;
    }
    for (size_t i = 0; i < plan.kept_back.len; i++)
        strv_add(&w->kept_back, plan.kept_back.ptr[i]);
    return 0;
}

/* --- as they are named ---------------------------------------------------------------------- */

static int add_newest(struct fetch_work *w, const char *name, struct err **err)
{
    __attribute__((cleanup(fetch_file_release))) struct fetch_file best = { 0 };
    AUTO_QUERY q = rows_of(w, 0, name, NULL, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (best.name && version_deb_compare(query_text(q, 2), best.version) <= 0)
            continue;
        fetch_file_release(&best);
        best = fetch_file_of(q, 0);
    }
    if (rc < 0)
        return -1;
    if (!best.name)
        return no_package(w, name, err);
    add_file(w, &best);
    best = (struct fetch_file){ 0 };
    return 0;
}

int fetch_choose(struct fetch_work *w, struct err **err)
{
    const struct strv *names = w->fetch->packages;

    if (w->fetch->installed)
        return choose_by_solver(w, err);
    if (names->len == 0)
        return err_set(err, ERR_INVALID, "name packages, or the image that they are for");
    for (size_t i = 0; i < names->len; i++) {
        if (add_newest(w, names->ptr[i], err) < 0)
            return -1;
    }
    return 0;
}
