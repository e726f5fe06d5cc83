/* Patches in the store: found, listed, shown. */
#include "core/patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/patch_intake.h"
#include "core/patch_places.h"
#include "core/site.h"
#include "store/store.h"

enum { PREFIX_MIN = 8, MANIFEST_MAX = 32 << 20 };

/* --- loading -------------------------------------------------------------------------------- */

static int load_manifest(struct patch *p, const char *text, struct err **err)
{
    char hex[DIGEST_HEX_SIZE];
    size_t len = strlen(text);

    digest_mem(text, len, hex);
    if (!str_eq(hex, p->digest))
        return err_set(err, ERR_CORRUPT, "its manifest was altered: it has digest '%s'", hex);
    p->manifest = json_parse(text, len, MANIFEST_MAX, "manifest", err);
    if (!p->manifest) {
        (*err)->code = ERR_CORRUPT;
        return -1;
    }
    p->apply = json_str_at(json_object_get(p->manifest, "script"), "apply");
    p->undo = json_str_at(json_object_get(p->manifest, "script"), "undo");
    p->undone = json_str_at(json_object_get(p->manifest, "script"), "undone");
    patch_places_load(json_object_get(p->manifest, "install"), &p->install);
    p->conffiles = str_eq(json_str_at(p->manifest, "conffiles"), conffiles_names[CONFFILES_REPLACE])
                       ? CONFFILES_REPLACE
                       : CONFFILES_KEEP;
    p->timeout_ms = json_int_at(p->manifest, "timeout_ms");
    return 0;
}

static int load_bundle(struct patch *p, const struct blobs *blobs, struct err **err)
{
    const char *digest = json_str_at(p->manifest, "bundle");

    if (!digest || !digest_is_hex(digest))
        return err_set(err, ERR_CORRUPT, "its manifest names no bundle");
    if (bundle_load(blobs, digest, &p->bundle, err) < 0) {
        /* Nobody asked for this blob by name: it is missing from what we keep. */
        if ((*err)->code == ERR_NOT_FOUND)
            (*err)->code = ERR_CORRUPT;
        return -1;
    }
    for (size_t i = 0; i < p->bundle.len; i++) {
        if (!str_eq(p->bundle.ptr[i].path, PATCH_FILE))
            strv_add(&p->files, p->bundle.ptr[i].path);
    }
    return 0;
}

static int load(const struct site *site, struct query *q, struct patch *ret, struct err **err)
{
    AUTO_PATCH p = {
        .id = query_int(q, 0),
        .name = xstrdup(query_text(q, 1)),
        .version = xstrdup(query_text(q, 2)),
        .kind = xstrdup(query_text(q, 3)),
        .digest = xstrdup(query_text(q, 4)),
        .created = query_int(q, 6),
    };

    if (load_manifest(&p, query_text(q, 5), err) < 0 || load_bundle(&p, site->blobs, err) < 0)
        return err_wrap(err, "patch '%s' (%.12s)", p.name, p.digest);
    *ret = p;
    p = (struct patch){ 0 };
    return 0;
}

int patch_by_id(const struct site *site, int64_t id, struct patch *ret, struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id, name, version, kind, digest, manifest, created"
                               " FROM patch WHERE id = ?",
                               ARGS(A_INT(id)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no patch %lld", (long long)id);
    return load(site, q, ret, err);
}

/* --- finding -------------------------------------------------------------------------------- */

static bool is_prefix(const char *s)
{
    size_t len = strspn(s, "0123456789abcdef");

    return !s[len] && len >= PREFIX_MIN && len < DIGEST_HEX_SIZE;
}

static int ambiguous(const char *which, const char *hint, struct err **err)
{
    err_set(err, ERR_INVALID, "'%s' could mean several patches", which);
    return err_hint(err, "%s", hint);
}

/* The rows below are looked up without an error when there is none: *ret is 0 then. */
static int find_name(struct store *s, const char *which, int64_t *ret, struct err **err)
{
    const char *at = strchr(which, '@');
    AUTO_FREE char *name = at ? xstrndup(which, (size_t)(at - which)) : xstrdup(which);

    return store_int(s,
                     "SELECT max(id) FROM patch WHERE name = ?1"
                     " AND (?2 IS NULL OR version = ?2)",
                     ARGS(A_TEXT(name), A_TEXT(at ? at + 1 : NULL)), 0, ret, err);
}

static int find_digest(struct store *s, const char *prefix, int64_t *ret, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT id FROM patch"
                               " WHERE digest >= ?1 AND digest < ?1 || 'g' LIMIT 2",
                               ARGS(A_TEXT(prefix)), err);
    int rc = q ? query_step(q, err) : -1;

    *ret = rc > 0 ? query_int(q, 0) : 0;
    if (rc > 0)
        rc = query_step(q, err);
    return rc > 0 ? ambiguous(prefix, "give more digits of the digest", err) : rc;
}

int patch_find(const struct site *site, const char *which, struct patch *ret, struct err **err)
{
    int64_t named = 0, digest = 0;

    if (find_name(site->store, which, &named, err) < 0
        || (is_prefix(which) && find_digest(site->store, which, &digest, err) < 0))
        return -1;
    /* A name may look like the beginning of a digest, but not stand for a whole one. */
    if (named && digest && named != digest && strlen(which) < DIGEST_HEX_SIZE - 1)
        return ambiguous(which, "it is a name and begins a digest: use NAME@VERSION", err);
    if (!named && !digest) {
        AUTO_FREE char *shown = str_printable(which, strlen(which), false);

        err_set(err, ERR_NOT_FOUND, "there is no patch '%s'", shown);
        return err_hint(err, "'patchlab patch list' shows what there is");
    }
    return patch_by_id(site, digest ? digest : named, ret, err);
}

/* --- showing -------------------------------------------------------------------------------- */

json_t *patch_list(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id, name, version, kind, digest, created,"
                               " json_extract(manifest, '$.title') FROM patch ORDER BY id DESC",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(list,
                              json_pack("{s:I, s:s, s:s, s:s, s:o, s:s, s:I}", "id",
                                        (json_int_t)query_int(q, 0), "name", query_text(q, 1),
                                        "version", query_text(q, 2), "kind", query_text(q, 3),
                                        "title", json_text(query_text(q, 6)), "digest",
                                        query_text(q, 4), "created", (json_int_t)query_int(q, 5)));
    return rc < 0 ? NULL : json_incref(list);
}

json_t *patch_json(const struct patch *p)
{
    static const char *const members[] = {
        "title",   "source",    "advisories", "cves",     "claims", "changes", "script",
        "install", "conffiles", "timeout_ms", "packages", "undo",   "bundle",
    };
    json_t *j = json_pack("{s:I, s:s, s:s, s:s, s:s, s:I}", "id", (json_int_t)p->id, "name",
                          p->name, "version", p->version, "kind", p->kind, "digest", p->digest,
                          "created", (json_int_t)p->created);

    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        json_object_set(j, members[i], json_object_get(p->manifest, members[i]));
    json_object_set_new(j, "size", json_integer((json_int_t)bundle_size(&p->bundle)));
    json_object_set_new(j, "files", bundle_json(&p->bundle));
    return j;
}

void patch_release(struct patch *p)
{
    char *const texts[] = { p->name, p->version, p->kind, p->digest };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    json_decref(p->manifest);
    bundle_release(&p->bundle);
    strv_release(&p->files);
    patch_places_release(&p->install);
    *p = (struct patch){ 0 };
}
