/* Taking a patch in: is it what it says, and the manifest that stands for it from then on. */
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/patch_intake.h"
#include "core/patch_places.h"
#include "core/site.h"

static int check_name(const char *name, struct err **err)
{
    if (!name || name_is_valid(name))
        return 0;
    AUTO_FREE char *shown = str_printable(name, strlen(name), false);
    err_set(err, ERR_INVALID, "'%s' is no name for a patch", shown);
    return err_hint(err, "use a-z, 0-9 and '.', '_', '+', '~', '-'");
}

/* These names go to screens, to a disc and into JSON: none may lie there about what it is. */
static int check_file_names(const struct bundle *b, struct err **err)
{
    for (size_t i = 0; i < b->len; i++) {
        const char *path = b->ptr[i].path;
        AUTO_FREE char *shown = str_printable(path, strlen(path), false);

        if (!str_eq(path, shown))
            return err_set(err, ERR_INVALID, "file '%s' has a name that is not printable UTF-8",
                           shown);
    }
    return 0;
}

static int read_spec(struct intake *in, struct err **err)
{
    const struct bundle_file *f = bundle_find(&in->bundle, PATCH_FILE);
    AUTO_FREE char *path = path_join(in->dir, PATCH_FILE);
    const char *shown = in->from ? PATCH_FILE : path;
    char hex[DIGEST_HEX_SIZE];
    size_t len;
    AUTO_FREE char *text = file_read(path, NODE_MAX_BYTES, &len, err);

    if (!text)
        return -1;
    digest_mem(text, len, hex);
    if (!f || !str_eq(hex, f->sha256))
        return err_set(err, ERR_CONFLICT, "'%s' was changed while it was read", path);
    return patch_spec_parse(in->site, text, len, shown, &in->spec, err);
}

/* --- the files against patch.yaml ------------------------------------------------------------ */

static int check_file(const struct bundle_file *want, const struct bundle *b, struct err **err)
{
    const struct bundle_file *f = bundle_find(b, want->path);

    if (!f)
        return err_set(err, ERR_INVALID, PATCH_FILE " lists '%s', which is not there", want->path);
    if (want->size >= 0 && f->size != want->size)
        return err_set(err, ERR_INVALID,
                       "'%s' is not what " PATCH_FILE " lists: it has %lld bytes, not %lld",
                       f->path, (long long)f->size, (long long)want->size);
    if (!str_eq(f->sha256, want->sha256))
        return err_set(err, ERR_INVALID,
                       "'%s' is not what " PATCH_FILE " lists: its sha256 is %s, not %s", f->path,
                       f->sha256, want->sha256);
    return 0;
}

static int check_files(const struct intake *in, struct err **err)
{
    const struct bundle *listed = &in->spec.files, *b = &in->bundle;

    if (listed->len == 0)
        return 0;
    for (size_t i = 0; i < listed->len; i++) {
        if (check_file(&listed->ptr[i], b, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < b->len; i++) {
        const char *path = b->ptr[i].path;

        if (str_eq(path, PATCH_FILE) || bundle_find(listed, path))
            continue;
        err_set(err, ERR_INVALID, "'%s' is there, but " PATCH_FILE " does not list it", path);
        return err_hint(err, "list it under 'files' with its sha256, or remove it");
    }
    return 0;
}

static int check_script(const struct intake *in, const char *key, const char *path,
                        struct err **err)
{
    const struct bundle_file *f = bundle_find(&in->bundle, path);

    if (!f)
        return err_set(err, ERR_INVALID, "script.%s is '%s', which is not there", key, path);
    if (f->mode != 0755) {
        err_set(err, ERR_INVALID, "script.%s is '%s', which is not executable", key, path);
        return err_hint(err, "chmod +x it");
    }
    return 0;
}

static int check_scripts(const struct intake *in, struct err **err)
{
    const struct {
        const char *key, *path;
    } scripts[] = {
        { "apply", in->spec.apply },
        { "undo", in->spec.undo },
        { "undone", in->spec.undone },
    };

    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        if (scripts[i].path && check_script(in, scripts[i].key, scripts[i].path, err) < 0)
            return -1;
    }
    return 0;
}

static int check_install(const struct intake *in, struct err **err)
{
    const struct patch_places *p = &in->spec.install;

    for (size_t i = 0; i < p->len; i++) {
        if (!bundle_find(&in->bundle, p->ptr[i].from))
            return err_set(err, ERR_INVALID, PATCH_FILE " installs '%s', which is not there",
                           p->ptr[i].from);
    }
    return 0;
}

/* --- the manifest ---------------------------------------------------------------------------- */

static int read_patch(struct intake *in, const char *name, struct err **err)
{
    if (bundle_read(in->dir, &in->bundle, err) < 0 || check_file_names(&in->bundle, err) < 0)
        return -1;
    patch_spec_init(&in->spec);
    if (in->bare)
        in->spec.kind = xstrdup(in->bare->kind);
    else if (read_spec(in, err) < 0)
        return -1;
    if (name) {
        free(in->spec.name);
        in->spec.name = xstrdup(name);
    }
    const struct package_kind *kind = package_kind_of(in->spec.kind);
    if (check_files(in, err) < 0 || check_scripts(in, err) < 0 || check_install(in, err) < 0
        || (kind && (intake_packages(in, err) < 0 || intake_undo(in, err) < 0))
        || (kind && kind->has_changelogs && intake_claims(in, err) < 0))
        return -1;
    return in->bare ? intake_derive(in, err) : 0;
}

static json_t *script_json(const struct patch_spec *s)
{
    if (!s->apply && !s->undo && !s->undone)
        return json_null();
    json_t *j = json_pack("{s:o, s:o}", "apply", json_text(s->apply), "undo", json_text(s->undo));
    if (s->undone)
        json_object_set_new(j, "undone", json_text(s->undone));
    return j;
}

/* docs/formats.md, 'patch record'.  Its digest is the patch's: what is added here later makes
 * other patches of the same bytes. */
static json_t *manifest_json(const struct intake *in)
{
    const struct patch_spec *s = &in->spec;
    const char *conffiles = str_eq(s->kind, "deb") ? conffiles_names[s->conffiles] : NULL;
    json_t *install = s->install.len ? patch_places_json(&s->install) : json_null();

    return json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:O?, s:o, s:o, s:I, s:o, s:O?, s:s}",
        "advisories", json_strv(&s->advisories), "bundle", in->bundle.digest, "changes",
        json_strv(&s->changes), "claims", in->claims ? json_incref(in->claims) : json_array(),
        "conffiles", json_text(conffiles), "cves", json_strv(&s->cves), "install", install, "kind",
        s->kind, "name", s->name, "packages", in->packages, "script", script_json(s), "source",
        json_text(s->source), "timeout_ms", (json_int_t)s->timeout_ms, "title", json_text(s->title),
        "undo", in->undo, "version", s->version);
}

int patch_add_undo(const struct site *site, const struct strv *paths, const struct strv *undo,
                   const char *name, int64_t *ret_id, bool *ret_new, struct err **err)
{
    AUTO_INTAKE in = INTAKE_OF(site);

    if (check_name(name, err) < 0 || intake_open(&in, err) < 0 || intake_stage(&in, paths, err) < 0
        || (undo && intake_stage_undo(&in, undo, err) < 0))
        return -1;
    if (read_patch(&in, name, err) < 0)
        return in.from ? err_wrap(err, "archive '%s'", in.from) : -1;
    AUTO_JSON *manifest = manifest_json(&in);
    return intake_keep(&in, manifest, ret_id, ret_new, err);
}

int patch_add(const struct site *site, const struct strv *paths, const char *name, int64_t *ret_id,
              bool *ret_new, struct err **err)
{
    return patch_add_undo(site, paths, NULL, name, ret_id, ret_new, err);
}
