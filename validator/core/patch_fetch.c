/* A patch out of a patch source; see patch_fetch.h. */
#include "core/patch_fetch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/patch.h"
#include "core/patch_fetch_work.h"
#include "core/site.h"

enum { VERSION_DIGITS = 12, LIST_MAX = 16 << 20 };

void fetch_file_release(struct fetch_file *f)
{
    char *const texts[] = { f->name, f->arch,   f->version, f->origin,
                            f->from, f->sha256, f->path,    f->local };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    *f = (struct fetch_file){ 0 };
}

static void fetch_work_release(struct fetch_work *w)
{
    for (size_t i = 0; i < w->file_count; i++)
        fetch_file_release(&w->files[i]);
    for (size_t i = 0; i < w->undo_count; i++)
        fetch_file_release(&w->undo[i]);
    free(w->files);
    free(w->undo);
    json_decref(w->undo_missing);
    for (size_t i = 0; i < w->source_count; i++)
        source_work_release(&w->sources[i]);
    strv_release(&w->kept_back);
}

/* --- opening -------------------------------------------------------------------------------- */

int fetch_open_source(struct fetch_work *w, const char *name, struct err **err)
{
    struct source_work *s = &w->sources[w->source_count];

    if (w->source_count == FETCH_SOURCES_MAX)
        return err_set(err, ERR_INVALID, "more than %d patch sources", FETCH_SOURCES_MAX);
    for (size_t i = 0; i < w->source_count; i++) {
        if (str_eq(w->sources[i].source.spec.name, name))
            return err_set(err, ERR_INVALID, "patch source '%s' is named twice", name);
    }
    *s = (struct source_work)SOURCE_WORK_NONE;
    w->source_count++;
    if (source_work_open(s, w->site, name, w->fetch->progress, err) < 0)
        return -1;
    if (!str_eq(s->source.spec.arch, w->sources[0].source.spec.arch))
        return err_set(err, ERR_INVALID, "patch source '%s' is of another architecture", name);
    if (s->source.release)
        return 0;
    err_set(err, ERR_CONFLICT, "patch source '%s' was never polled", name);
    return err_hint(err, "'patchlab patch source poll %s' asks what it has", name);
}

static bool says_security(const json_t *release)
{
    const char *label = json_str_at(release, "label"), *suite = json_str_at(release, "suite");

    return (label && strcasestr(label, "security")) || (suite && strcasestr(suite, "security"));
}

static int open_sources(struct fetch_work *w, struct err **err)
{
    const struct patch_fetch *f = w->fetch;

    if (fetch_open_source(w, f->source, err) < 0)
        return -1;
    for (size_t i = 0; f->with && i < f->with->len; i++) {
        if (fetch_open_source(w, f->with->ptr[i], err) < 0)
            return -1;
    }
    w->given_count = w->source_count;
    if (!f->security || says_security(w->sources[0].source.release))
        return 0;
    err_set(err, ERR_INVALID, "patch source '%s' is no security archive", f->source);
    return err_hint(err, "its release calls itself neither by label nor by suite so");
}

/* --- files ---------------------------------------------------------------------------------- */

int fetch_get_file(struct fetch_work *w, struct fetch_file *f, struct err **err)
{
    struct source_work *s = &w->sources[f->source];
    AUTO_FREE char *dir = source_file_path(s, "packages");

    f->local = path_join(dir, f->sha256);
    const struct source_file file = {
        .path = f->path,
        .size = f->size,
        .sha256 = f->sha256,
        .to = f->local,
    };
    return dir_make(dir, 0700, err) < 0 ? -1 : source_get(s, &file, err);
}

static int get_files(struct fetch_work *w, struct err **err)
{
    for (size_t i = 0; i < w->file_count; i++) {
        if (fetch_get_file(w, &w->files[i], err) < 0)
            return -1;
    }
    return fetch_undo(w, err);
}

/* All of them are in the blob store now. */
static void drop_files(const struct fetch_work *w)
{
    for (size_t i = 0; i < w->source_count; i++) {
        AUTO_FREE char *dir = source_file_path(&w->sources[i], "packages");
        AUTO_ERR ignored = NULL;
        dir_remove(dir, &ignored);
    }
}

/* --- the patch ------------------------------------------------------------------------------ */

/* What all files have in common, or NULL. */
static const char *common_origin(const struct fetch_work *w)
{
    for (size_t i = 1; i < w->file_count; i++) {
        if (!str_eq(w->files[i].origin, w->files[0].origin))
            return NULL;
    }
    return w->files[0].origin;
}

static const char *common_version(const struct fetch_work *w)
{
    for (size_t i = 1; i < w->file_count; i++) {
        if (!str_eq(w->files[i].version, w->files[0].version))
            return NULL;
    }
    return w->files[0].version;
}

static json_t *files_json(const struct fetch_file *files, size_t n, const char *folder)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", folder, path_base(files[i].path));
        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "path", path, "sha256",
                                              files[i].sha256, "size", (json_int_t)files[i].size));
    }
    return list;
}

/* Names of those that the system did not have, as far as it is known what it has. */
static json_t *new_packages_json(const struct fetch_work *w)
{
    json_t *list = json_array();

    for (size_t i = 0; w->fetch->installed && i < w->file_count; i++) {
        if (!w->files[i].from)
            json_array_append_new(list, json_text(w->files[i].name));
    }
    return list;
}

/* The same files always make the same version, whenever they are fetched. */
static char *version_of(const struct fetch_work *w, const json_t *files)
{
    AUTO_FREE char *text = json_canonical(files);
    char hex[DIGEST_HEX_SIZE];

    if (common_version(w) && common_origin(w))
        return xstrdup(common_version(w));
    digest_mem(text, strlen(text), hex);
    return xstrndup(hex, VERSION_DIGITS);
}

static char *name_of(const struct fetch_work *w)
{
    const char *origin = common_origin(w);

    if (w->fetch->name)
        return xstrdup(w->fetch->name);
    return origin && name_is_valid(origin) ? xstrdup(origin)
                                           : xasprintf("%s-updates", w->fetch->source);
}

/* What the updates are newer than, so that their changelogs are read as far as that. */
static json_t *replaces_json(const struct fetch_work *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->file_count; i++) {
        const struct fetch_file *f = &w->files[i];
        AUTO_FREE char *text = f->from ? xasprintf("%s %s", f->name, f->from) : NULL;
        if (text)
            json_array_append_new(list, json_string(text));
    }
    return list;
}

/* JSON is YAML: this is a patch.yaml. */
static json_t *patch_yaml(const struct fetch_work *w)
{
    const struct patch_source_spec *s = &w->sources[0].source.spec;
    AUTO_JSON *files = files_json(w->files, w->file_count, "");
    AUTO_JSON *undo = files_json(w->undo, w->undo_count, PATCH_UNDO);
    AUTO_FREE char *name = name_of(w);
    AUTO_FREE char *version = version_of(w, files);
    AUTO_FREE char *components = strv_join(&s->components, " ");
    AUTO_FREE char *source = xasprintf("%s %s %s", s->uri, s->suite, components);
    AUTO_FREE char *title = xasprintf(
        "%zu package%s from %s%s%s", w->file_count, w->file_count == 1 ? "" : "s", s->name,
        w->fetch->target ? " for " : "", w->fetch->target ? w->fetch->target : "");

    /* The version is of the patch alone. */
    json_array_extend(files, undo);
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:O}", "name", name, "version", version,
                     "kind", "deb", "title", json_text(title), "source", json_text(source),
                     "new-packages", new_packages_json(w), "replaces", replaces_json(w), "files",
                     files);
}

static int stage_files(const struct fetch_file *files, size_t n, const char *dir, struct err **err)
{
    for (size_t i = 0; i < n; i++) {
        AUTO_FREE char *to = path_join(dir, path_base(files[i].path));
        if (file_exists(to))
            return err_set(err, ERR_INVALID, "two packages are called '%s'", path_base(to));
        if (file_link_or_copy(files[i].local, to, 0644, err) < 0)
            return -1;
    }
    return 0;
}

static int stage(const struct fetch_work *w, const char *dir, struct err **err)
{
    AUTO_JSON *yaml = patch_yaml(w);
    AUTO_FREE char *text = json_pretty(yaml);
    AUTO_FREE char *spec = path_join(dir, "patch.yaml");
    AUTO_FREE char *undo = path_join(dir, PATCH_UNDO);

    if (stage_files(w->files, w->file_count, dir, err) < 0
        || (w->undo_count && dir_make(undo, 0700, err) < 0)
        || stage_files(w->undo, w->undo_count, undo, err) < 0)
        return -1;
    return file_write(spec, text, strlen(text), 0644, err);
}

static int take_in(struct fetch_work *w, struct patch_fetched *ret, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(w->sources[0].dir, "stage", err);
    AUTO_STRV paths = { 0 };

    if (!dir || stage(w, dir, err) < 0)
        return -1;
    source_step(&w->sources[0], "take the patch in");
    strv_add(&paths, dir);
    return patch_add(w->site, &paths, NULL, &ret->patch, &ret->is_new, err);
}

static json_t *changes_json(const struct fetch_work *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->file_count; i++) {
        const struct fetch_file *f = &w->files[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s}", "name", f->name, "arch",
                                              f->arch, "from", json_text(f->from), "to", f->version,
                                              "source", f->origin));
    }
    return list;
}

static int fetch(struct fetch_work *w, struct patch_fetched *ret, struct err **err)
{
    struct patch_fetched f = { 0 };

    if (open_sources(w, err) < 0 || fetch_choose(w, err) < 0)
        return -1;
    if (w->file_count > 0 && (get_files(w, err) < 0 || take_in(w, &f, err) < 0))
        return -1;
    f.changes = changes_json(w);
    f.kept_back = json_strv(&w->kept_back);
    f.undo_missing = json_incref(w->undo_missing);
    drop_files(w);
    *ret = f;
    return 0;
}

int patch_fetch(const struct site *site, const struct patch_fetch *f, struct patch_fetched *ret,
                struct err **err)
{
    __attribute__((cleanup(fetch_work_release))) struct fetch_work w = { .site = site, .fetch = f };

    w.undo_missing = json_array();
    if (f->name && !name_is_valid(f->name)) {
        AUTO_FREE char *shown = str_printable(f->name, strnlen(f->name, LIST_MAX), false);
        return err_set(err, ERR_INVALID, "'%s' is no name for a patch", shown);
    }
    return fetch(&w, ret, err) < 0 ? err_wrap(err, "fetch from patch source '%s'", f->source) : 0;
}

void patch_fetched_release(struct patch_fetched *f)
{
    json_decref(f->changes);
    json_decref(f->kept_back);
    json_decref(f->undo_missing);
    *f = (struct patch_fetched){ 0 };
}
