/* patch.yaml: what a patch says of itself. */
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/patch_intake.h"
#include "core/patch_spec_lists.h"
#include "core/site.h"
#include "ports/observer.h"
#include "ports/pkgmgr.h"

enum {
    VERSION_MAX = 255,
    TIMEOUT_MS = 15 * 60 * 1000,
    TIMEOUT_MIN_MS = 1000,
    TIMEOUT_MAX_MS = 24 * 60 * 60 * 1000,
};

const char *const conffiles_names[] = {
    [CONFFILES_KEEP] = "keep",
    [CONFFILES_REPLACE] = "replace",
    NULL,
};

bool patch_version_is_valid(const char *s)
{
    static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               ".+~^:_-";
    size_t len = strlen(s);

    return len >= 1 && len <= VERSION_MAX && strchr(alnum, s[0]) && strspn(s, rest) == len;
}

static int decode_script(const struct decoder *d, const struct node *n, const char *path,
                         void *target, struct err **err)
{
    static const struct field fields[] = {
        { "apply", FIELD_PATH, offsetof(struct patch_spec, apply) },
        { "undo", FIELD_PATH, offsetof(struct patch_spec, undo) },
        { "undone", FIELD_PATH, offsetof(struct patch_spec, undone) },
        { 0 },
    };

    return decode_map(d, n, path, fields, target, err);
}

#define AT(member) offsetof(struct patch_spec, member)
static const struct field spec_fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "version", FIELD_TEXT, AT(version), .required = true },
    { "kind", FIELD_NAME, AT(kind), .required = true },
    { "title", FIELD_TEXT, AT(title) },
    { "source", FIELD_TEXT, AT(source) },
    { "advisories", FIELD_TEXTS, AT(advisories) },
    { "cves", FIELD_TEXTS, AT(cves) },
    { "changes", FIELD_TEXTS, AT(changes) },
    { "replaces", FIELD_TEXTS, AT(replaces) },
    { "script", FIELD_CUSTOM, 0, .decode = decode_script },
    { "install", FIELD_CUSTOM, AT(install), .decode = patch_spec_install },
    { "conffiles", FIELD_ENUM, AT(conffiles), .names = conffiles_names },
    { "new-packages", FIELD_TEXTS, AT(new_packages) },
    { "timeout", FIELD_DURATION, AT(timeout_ms), .min = TIMEOUT_MIN_MS, .max = TIMEOUT_MAX_MS },
    { "files", FIELD_CUSTOM, AT(files), .decode = patch_spec_files },
    { 0 },
};

static int unknown_kind(const struct site *site, const struct decoder *d, const struct node *n,
                        const char *kind, struct err **err)
{
    AUTO_STRV kinds = { 0 };

    for (const struct pkgmgr *const *p = site->pkgmgrs; p && *p; p++)
        strv_add(&kinds, (*p)->kind);
    AUTO_FREE char *list = strv_join(&kinds, ", ");
    return decode_error(d, n, "kind", err, "expected one of %s, found '%s'", list, kind);
}

static int bad_version(const struct decoder *d, const struct node *n, struct err **err)
{
    AUTO_FREE char *cut = xstrndup(n->text, 60);
    AUTO_FREE char *shown = str_printable(cut, strlen(cut), false);

    return decode_error(d, n, "version", err,
                        "expected a version of letters, digits and '.+~^:_-', found '%s'", shown);
}

static int required(const struct decoder *d, const struct node *map, const char *key,
                    const char *kind, struct err **err)
{
    return decode_error(d, node_get(map, "kind"), key, err,
                        "required for a patch of kind '%s', but missing", kind);
}

/* What only some kinds have. */
static int check_keys(const struct decoder *d, const struct node *map, const char *kind,
                      struct err **err)
{
    static const struct {
        const char *key;
        const char *kinds[2];
    } table[] = {
        { "script", { "script", "files" } }, { "install", { "files" } },
        { "conffiles", { "deb" } },          { "new-packages", { "deb", "rpm" } },
        { "replaces", { "deb" } },
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct node *n = node_get(map, table[i].key);
        const char *const *k = table[i].kinds;

        if (!n || str_eq(kind, k[0]) || str_eq(kind, k[1]))
            continue;
        return k[1] ? decode_error(d, n, table[i].key, err,
                                   "only patches of the kinds '%s' and '%s' have it", k[0], k[1])
                    : decode_error(d, n, table[i].key, err, "only a patch of kind '%s' has it",
                                   k[0]);
    }
    return 0;
}

static int check_script(const struct decoder *d, const struct node *map, const struct patch_spec *s,
                        struct err **err)
{
    const struct node *script = node_get(map, "script");

    if (!script || str_eq(s->kind, "files"))
        return 0;
    if (s->undone)
        return decode_error(d, script, "script.undone", err, "only a patch of kind 'files' has it");
    if (!s->apply || !s->undo)
        return decode_error(d, script, s->apply ? "script.undo" : "script.apply", err,
                            "required, but missing");
    return 0;
}

/* "KIND KEY", or "KIND BEGINNING*"; all of a kind would explain nothing. */
static int check_changes(const struct decoder *d, const struct node *map,
                         const struct patch_spec *s, struct err **err)
{
    const struct node *n = node_get(map, "changes");

    for (size_t i = 0; i < s->changes.len; i++) {
        const char *text = s->changes.ptr[i], *space = strchr(text, ' ');
        AUTO_FREE char *kind = xstrndup(text, strcspn(text, " "));
        if (!seen_kind(kind) || !space || strspn(space, " */") == strlen(space)) {
            AUTO_FREE char *shown = str_printable(text, strlen(text), false);
            return decode_error(d, n, "changes", err,
                                "expected texts such as 'file /etc/motd', found '%.60s'", shown);
        }
    }
    return 0;
}

static int check(const struct site *site, const struct decoder *d, const struct node *map,
                 const struct patch_spec *s, struct err **err)
{
    if (!patch_version_is_valid(s->version))
        return bad_version(d, node_get(map, "version"), err);
    if (!site_pkgmgr(site, s->kind))
        return unknown_kind(site, d, node_get(map, "kind"), s->kind, err);
    if (str_eq(s->kind, "script") && !node_get(map, "script"))
        return required(d, map, "script", s->kind, err);
    if (str_eq(s->kind, "files") && !node_get(map, "install"))
        return required(d, map, "install", s->kind, err);
    if (check_keys(d, map, s->kind, err) < 0 || check_script(d, map, s, err) < 0)
        return -1;
    return check_changes(d, map, s, err);
}

int patch_spec_parse(const struct site *site, const char *text, size_t len, const char *name,
                     struct patch_spec *ret, struct err **err)
{
    const struct decoder d = { name };
    AUTO_NODE map = node_parse(text, len, name, err);
    AUTO_PATCH_SPEC s;

    patch_spec_init(&s);
    if (!map || decode_map(&d, map, "", spec_fields, &s, err) < 0
        || check(site, &d, map, &s, err) < 0)
        return -1;
    *ret = s;
    s = (struct patch_spec){ 0 };
    return 0;
}

void patch_spec_init(struct patch_spec *s)
{
    *s = (struct patch_spec){ .timeout_ms = TIMEOUT_MS };
}

void patch_spec_release(struct patch_spec *s)
{
    char *const texts[] = { s->name,   s->version, s->title, s->kind,
                            s->source, s->apply,   s->undo,  s->undone };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    strv_release(&s->advisories);
    strv_release(&s->cves);
    strv_release(&s->new_packages);
    strv_release(&s->changes);
    strv_release(&s->replaces);
    bundle_release(&s->files);
    patch_places_release(&s->install);
    *s = (struct patch_spec){ 0 };
}
