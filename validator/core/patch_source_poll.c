/*
 * One poll of a patch source:
 *
 *     release -> signature -> suite, dates -> indexes -> digests -> one transaction
 *
 * Until that transaction the store knows what it knew.  Indexes are kept under their digests, so
 * that those of a poll that was cut off are still good for the next one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/patch_source_work.h"
#include "core/site.h"
#include "store/store.h"

/* --- the release ---------------------------------------------------------------------------- */

static json_t *entry_json(const struct release_entry *e)
{
    return json_pack("{s:s, s:I}", "sha256", e->sha256, "size", (json_int_t)e->size);
}

/* The best compression that the archive offers of an index; bzip2 has no checkable end. */
static int choose_index(const struct release_file *r, const char *component, const char *arch,
                        json_t *list, struct err **err)
{
    static const char *const suffixes[] = { ".xz", ".zst", ".gz", "" };
    AUTO_FREE char *plain = xasprintf("%s/binary-%s/Packages", component, arch);
    const struct release_entry *whole = release_file_find(r, plain), *e = NULL;

    for (size_t i = 0; i < ARRAY_LEN(suffixes) && !e; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", plain, suffixes[i]);
        e = release_file_find(r, path);
    }
    if (!e)
        return err_set(err, ERR_NOT_FOUND,
                       "the release lists no packages of component '%s' for '%s'", component, arch);
    json_t *j = json_pack("{s:s, s:s, s:s, s:I}", "component", component, "path", e->path, "sha256",
                          e->sha256, "size", (json_int_t)e->size);
    if (whole)
        json_object_set_new(j, "plain", entry_json(whole));
    json_array_append_new(list, j);
    return 0;
}

static json_t *choose_indexes(const struct release_file *r, const struct patch_source_spec *s,
                              struct err **err)
{
    AUTO_JSON *list = json_array();

    for (size_t i = 0; i < s->components.len; i++) {
        const char *component = s->components.ptr[i];
        if (choose_index(r, component, s->arch, list, err) < 0
            || (r->separate_all && choose_index(r, component, "all", list, err) < 0))
            return NULL;
    }
    return json_incref(list);
}

static json_t *release_json(const struct release_file *r, const struct source_release *from,
                            json_t *indexes)
{
    char digest[DIGEST_HEX_SIZE];

    digest_mem(from->text, from->len, digest);
    return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:O}", "digest",
                     digest, "date", (json_int_t)r->date, "valid_until", (json_int_t)r->valid_until,
                     "origin", json_text(r->origin), "label", json_text(r->label), "suite",
                     json_text(r->suite), "codename", json_text(r->codename), "version",
                     json_text(r->version), "by_hash", r->by_hash, "signers",
                     json_strv(&from->signers), "etag", json_text(from->etag), "modified",
                     json_text(from->modified), "indexes", indexes);
}

static struct release_rule rule_of(const struct patch_source *s)
{
    return (struct release_rule){
        .suite = s->spec.suite,
        .now = clock_wall_ms(),
        .seen = json_int_at(s->release, "date"),
        .future_ms = s->spec.future_ms,
        .ignore_valid_until = s->spec.ignore_valid_until,
    };
}

static int judge(const struct patch_source *s, const struct release_file *r, struct err **err)
{
    struct release_rule rule = rule_of(s);

    return release_judge(r, &rule, err) < 0
               ? err_wrap(err, "the release of suite '%s'", s->spec.suite)
               : 0;
}

/* "Nothing new" must not go on for longer than the release is valid. */
static int judge_known(const struct patch_source *s, struct err **err)
{
    struct release_file known = {
        .suite = s->spec.suite,
        .date = json_int_at(s->release, "date"),
        .valid_until = json_int_at(s->release, "valid_until"),
    };

    return judge(s, &known, err);
}

/* --- the store ------------------------------------------------------------------------------ */

static int add_indexes(struct source_work *w, struct store *tx, int64_t *count, struct err **err)
{
    const json_t *indexes = json_object_get(w->source.release, "indexes");
    size_t i;
    json_t *index;

    json_array_foreach(indexes, i, index)
    {
        size_t len = 0;
        AUTO_FREE char *text = source_index_read(w, index, &len, err);
        if (!text
            || source_index_add(tx, &w->source, text, len, json_str_at(index, "path"), count, err)
                   < 0
            || stop_check(w->site->stop, err) < 0)
            return -1;
    }
    return 0;
}

static int keep(struct source_work *w, struct err **err)
{
    AUTO_FREE char *text = NULL;
    int64_t count = 0;
    AUTO_TX tx = tx_begin(w->site->store, err);

    if (!tx
        || store_exec(tx, "DELETE FROM patch_source_package WHERE source = ?",
                      ARGS(A_INT(w->source.id)), err)
               < 0
        || add_indexes(w, tx, &count, err) < 0)
        return -1;
    json_object_set_new(w->source.release, "packages", json_integer((json_int_t)count));
    text = json_canonical(w->source.release);
    if (store_exec(tx, "UPDATE patch_source SET release = ?, polled = ? WHERE id = ?",
                   ARGS(A_TEXT(text), A_INT(clock_wall_ms()), A_INT(w->source.id)), err)
        < 0)
        return -1;
    return tx_commit(&tx, err);
}

static int touch(struct source_work *w, struct err **err)
{
    return store_exec(w->site->store, "UPDATE patch_source SET polled = ? WHERE id = ?",
                      ARGS(A_INT(clock_wall_ms()), A_INT(w->source.id)), err)
                   < 0
               ? -1
               : 0;
}

/* --- the files ------------------------------------------------------------------------------ */

static int get_indexes(struct source_work *w, struct err **err)
{
    const json_t *indexes = json_object_get(w->source.release, "indexes");
    size_t i;
    json_t *index;

    json_array_foreach(indexes, i, index)
    {
        const char *sha256 = json_str_at(index, "sha256");
        AUTO_FREE char *to = source_file_path(w, sha256);
        AUTO_FREE char *path = xasprintf("dists/%s/%s", w->source.spec.suite,
                                         json_str_at(index, "path"));
        const struct source_file f = {
            .path = path,
            .size = json_int_at(index, "size"),
            .sha256 = sha256,
            .to = to,
        };
        if (source_get(w, &f, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_in_use(const struct source_work *w, const char *name)
{
    const json_t *indexes = json_object_get(w->source.release, "indexes");
    size_t i;
    json_t *index;

    json_array_foreach(indexes, i, index)
    {
        if (str_eq(json_str_at(index, "sha256"), name))
            return true;
    }
    return false;
}

/* What the release before had; failing to do so harms nobody. */
static void tidy(const struct source_work *w)
{
    static const char *const kept[] = { "lock", "packages", "InRelease", "Release", "Release.gpg" };
    AUTO_STRV names = { 0 };
    AUTO_ERR e = NULL;

    if (dir_list(w->dir, &names, &e) < 0)
        return;
    for (size_t i = 0; i < names.len; i++) {
        bool keep_it = is_in_use(w, names.ptr[i]);
        for (size_t k = 0; k < ARRAY_LEN(kept); k++)
            keep_it |= str_eq(kept[k], names.ptr[i]);
        AUTO_FREE char *path = source_file_path(w, names.ptr[i]);
        AUTO_ERR ignored = NULL;
        if (!keep_it && dir_remove(path, &ignored) < 0)
            log_debug(LOG_INTAKE, "cannot remove '%s': %s", path, ignored->msg);
    }
}

/* --- all of it ------------------------------------------------------------------------------ */

/* The parsed, believed release becomes the one of `w`; *ret_changed: it is another one. */
static int take_release(struct source_work *w, const struct source_release *from, bool *ret_changed,
                        struct err **err)
{
    AUTO_RELEASE_FILE r = { 0 };

    if (release_file_parse(from->text, from->len, "Release", &r, err) < 0
        || judge(&w->source, &r, err) < 0)
        return -1;
    json_t *indexes = choose_indexes(&r, &w->source.spec, err);
    if (!indexes)
        return -1;
    AUTO_JSON *release = release_json(&r, from, indexes);
    json_decref(indexes);
    *ret_changed = !str_eq(json_str_at(release, "digest"),
                           json_str_at(w->source.release, "digest"));
    if (*ret_changed) {
        json_decref(w->source.release);
        w->source.release = json_incref(release);
    }
    return 0;
}

static int poll_source(struct source_work *w, bool *ret_changed, struct err **err)
{
    __attribute__((cleanup(source_release_release))) struct source_release from = { 0 };

    source_step(w, "ask for the release");
    if (source_get_release(w, &from, err) < 0)
        return -1;
    *ret_changed = false;
    if (from.unchanged ? judge_known(&w->source, err) < 0
                       : take_release(w, &from, ret_changed, err) < 0)
        return -1;
    if (!*ret_changed)
        return touch(w, err);
    if (get_indexes(w, err) < 0)
        return -1;
    source_step(w, "read the indexes");
    if (keep(w, err) < 0)
        return -1;
    tidy(w);
    return 0;
}

int patch_source_poll(const struct site *site, const char *name,
                      const struct patch_source_progress *progress, bool *ret_changed,
                      struct err **err)
{
    AUTO_SOURCE_WORK w = SOURCE_WORK_NONE;
    bool changed = false;

    if (source_work_open(&w, site, name, progress, err) < 0)
        return -1;
    if (poll_source(&w, &changed, err) < 0)
        return err_wrap(err, "poll patch source '%s'", name);
    *ret_changed = changed;
    return 0;
}
