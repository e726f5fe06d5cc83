/* Patch sources in the store: added, found, listed, removed. */
#include "core/patch_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/patch_source_work.h"
#include "core/site.h"
#include "ports/signature.h"
#include "store/blob.h"
#include "store/store.h"

enum { TEXT_MAX = 1000, SPEC_MAX = 64 << 10, RELEASE_JSON_MAX = 1 << 20 };

/* --- checking ------------------------------------------------------------------------------- */

static int refuse(const char *what, const char *value, const char *expected, struct err **err)
{
    AUTO_FREE char *shown = str_printable(value, strnlen(value, TEXT_MAX), false);

    return err_set(err, ERR_INVALID, "%s '%s': expected %s", what, shown, expected);
}

/* A path of plain characters, for it becomes part of URLs and of apt's configuration. */
static bool is_plain_path(const char *s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "._+~/-";

    return path_is_safe(s) && strlen(s) <= TEXT_MAX && s[strspn(s, plain)] == '\0';
}

static bool is_arch(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len <= 64 && s[0] != '-' && !str_eq(s, "all")
           && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int check_uri(const char *uri, struct err **err)
{
    static const char *const schemes[] = { "http://", "https://", "file:///" };
    bool known = false;

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        known |= str_starts(uri, schemes[i]);
    if (!known || strlen(uri) > TEXT_MAX)
        return refuse("uri", uri, "http://, https:// or file:///", err);
    for (const char *p = uri; *p; p++) {
        if (*p <= ' ' || *p > '~' || strchr("\"'\\?#<>", *p))
            return refuse("uri", uri, "an address of plain characters without '?' and '#'", err);
    }
    const char *host = strstr(uri, "://") + 3;
    if (!memchr(host, '@', strcspn(host, "/")))
        return 0;
    err_set(err, ERR_INVALID, "the uri holds a user or a password");
    return err_hint(err, "credentials belong in the netrc file: docs/formats.md, 'config.yaml'");
}

static int check_spec(const struct patch_source_spec *s, struct err **err)
{
    if (!name_is_valid(s->name))
        return refuse("name", s->name, "a-z, 0-9 and '.', '_', '+', '~', '-'", err);
    if (check_uri(s->uri, err) < 0)
        return -1;
    if (!is_plain_path(s->suite))
        return refuse("suite", s->suite, "a suite such as 'bookworm-security'", err);
    if (!is_arch(s->arch))
        return refuse("arch", s->arch, "an architecture such as 'amd64'", err);
    if (s->components.len == 0)
        return err_set(err, ERR_INVALID, "a source needs at least one component");
    for (size_t i = 0; i < s->components.len; i++) {
        if (!is_plain_path(s->components.ptr[i]))
            return refuse("component", s->components.ptr[i], "a component such as 'main'", err);
    }
    return 0;
}

/* --- the row -------------------------------------------------------------------------------- */

static json_t *spec_json(const struct patch_source_spec *s, const char *uri,
                         const struct strv *fingerprints, const char *keyring)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:b, s:s}", "uri", uri, "suite", s->suite,
                     "arch", s->arch, "components", json_strv(&s->components), "fingerprints",
                     json_strv(fingerprints), "future_ms", (json_int_t)s->future_ms,
                     "ignore_valid_until", s->ignore_valid_until, "keyring", keyring);
}

static int normal_fingerprints(const struct patch_source_spec *s, struct strv *ret,
                               struct err **err)
{
    for (size_t i = 0; i < s->fingerprints.len; i++) {
        AUTO_FREE char *normal = fingerprint_normal(s->fingerprints.ptr[i]);

        if (!normal)
            return refuse("fingerprint", s->fingerprints.ptr[i], "40 hex digits", err);
        strv_add(ret, normal);
    }
    return 0;
}

int patch_source_add(const struct site *site, const struct patch_source_spec *spec,
                     const char *keyring, struct err **err)
{
    AUTO_STRV fingerprints = { 0 };
    char digest[DIGEST_HEX_SIZE];
    int64_t known;

    if (check_spec(spec, err) < 0 || normal_fingerprints(spec, &fingerprints, err) < 0)
        return -1;
    if (store_int(site->store, "SELECT count(*) FROM patch_source WHERE name = ?",
                  ARGS(A_TEXT(spec->name)), 0, &known, err)
        < 0)
        return -1;
    if (known)
        return err_set(err, ERR_CONFLICT, "there is a patch source '%s' already", spec->name);
    if (blob_put_file(site->blobs, keyring, digest, NULL, err) < 0)
        return err_wrap(err, "the keyring");
    AUTO_FREE char *uri = xstrdup(spec->uri);
    for (size_t len = strlen(uri); len > 0 && uri[len - 1] == '/'; len--)
        uri[len - 1] = '\0';
    AUTO_JSON *j = spec_json(spec, uri, &fingerprints, digest);
    AUTO_FREE char *text = json_canonical(j);
    return store_exec(site->store,
                      "INSERT INTO patch_source (name, spec, created) VALUES (?, ?, ?)",
                      ARGS(A_TEXT(spec->name), A_TEXT(text), A_INT(clock_wall_ms())), err)
                   < 0
               ? -1
               : 0;
}

static void take_texts(const json_t *list, struct strv *ret)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (json_is_string(item))
            strv_add(ret, json_string_value(item));
    }
}

static int take_spec(const json_t *j, struct patch_source *s, struct err **err)
{
    const char *keyring = json_str_at(j, "keyring");
    struct patch_source_spec *spec = &s->spec;

    spec->uri = xstrdup(json_str_at(j, "uri"));
    spec->suite = xstrdup(json_str_at(j, "suite"));
    spec->arch = xstrdup(json_str_at(j, "arch"));
    spec->future_ms = json_int_at(j, "future_ms");
    spec->ignore_valid_until = json_is_true(json_object_get(j, "ignore_valid_until"));
    take_texts(json_object_get(j, "components"), &spec->components);
    take_texts(json_object_get(j, "fingerprints"), &spec->fingerprints);
    AUTO_ERR e = NULL;
    if (!spec->uri || !spec->suite || !spec->arch || !keyring || !digest_is_hex(keyring)
        || check_spec(spec, &e) < 0)
        return err_set(err, ERR_CORRUPT, "patch source '%s': its record is damaged", spec->name);
    memcpy(s->keyring, keyring, sizeof(s->keyring));
    return 0;
}

static json_t *parse_stored(const char *text, const char *name, size_t max, struct err **err)
{
    json_t *j = json_parse(text, strlen(text), max, "record", err);

    if (!j) {
        (*err)->code = ERR_CORRUPT;
        err_wrap(err, "patch source '%s'", name);
    }
    return j;
}

/* id, name, spec, release, polled, created */
static int load(struct query *q, struct patch_source *ret, struct err **err)
{
    AUTO_PATCH_SOURCE s = {
        .id = query_int(q, 0),
        .spec.name = xstrdup(query_text(q, 1)),
        .polled = query_int(q, 4),
        .created = query_int(q, 5),
    };
    AUTO_JSON *spec = parse_stored(query_text(q, 2), s.spec.name, SPEC_MAX, err);

    if (!spec || take_spec(spec, &s, err) < 0)
        return -1;
    if (!query_is_null(q, 3)) {
        s.release = parse_stored(query_text(q, 3), s.spec.name, RELEASE_JSON_MAX, err);
        if (!s.release)
            return -1;
    }
    *ret = s;
    s = (struct patch_source){ 0 };
    return 0;
}

int patch_source_find(const struct site *site, const char *name, struct patch_source *ret,
                      struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id, name, spec, release, polled, created FROM patch_source"
                               " WHERE name = ?",
                               ARGS(A_TEXT(name)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc > 0)
        return load(q, ret, err);
    AUTO_FREE char *shown = str_printable(name, strnlen(name, TEXT_MAX), false);
    err_set(err, ERR_NOT_FOUND, "there is no patch source '%s'", shown);
    return err_hint(err, "'patchlab patch source list' shows what there is");
}

json_t *patch_source_json(const struct patch_source *s)
{
    json_t *j = spec_json(&s->spec, s->spec.uri, &s->spec.fingerprints, s->keyring);

    json_object_set_new(j, "name", json_string(s->spec.name));
    json_object_set_new(j, "created", json_integer((json_int_t)s->created));
    json_object_set_new(j, "polled", s->polled ? json_integer((json_int_t)s->polled) : json_null());
    json_object_set_new(j, "release", s->release ? json_incref(s->release) : json_null());
    return j;
}

json_t *patch_source_list(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id, name, spec, release, polled, created FROM patch_source"
                               " ORDER BY name",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        AUTO_PATCH_SOURCE s = { 0 };
        if (load(q, &s, err) < 0)
            return NULL;
        json_array_append_new(list, patch_source_json(&s));
    }
    return rc < 0 ? NULL : json_incref(list);
}

int patch_source_remove(const struct site *site, const struct patch_source *s, struct err **err)
{
    AUTO_SOURCE_WORK w = SOURCE_WORK_NONE;

    if (source_work_open(&w, site, s->spec.name, NULL, err) < 0
        || store_exec(site->store, "DELETE FROM patch_source WHERE id = ?", ARGS(A_INT(s->id)), err)
               < 0)
        return -1;
    return dir_remove(w.dir, err);
}

void patch_source_spec_release(struct patch_source_spec *s)
{
    free(s->name);
    free(s->uri);
    free(s->suite);
    free(s->arch);
    strv_release(&s->components);
    strv_release(&s->fingerprints);
    *s = (struct patch_source_spec){ 0 };
}

void patch_source_release(struct patch_source *s)
{
    patch_source_spec_release(&s->spec);
    json_decref(s->release);
    *s = (struct patch_source){ 0 };
}
