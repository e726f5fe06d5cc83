/*
 * patch - a candidate: identity, files with digests, and how it is applied.
 *
 * Taken in once by patch_add() from a directory, an archive or a single package; from then on it
 * is the bytes of its bundle, whatever happens to where they came from.  Adding the same bytes
 * again gives the same patch.
 */
#ifndef CORE_PATCH_H
#define CORE_PATCH_H

#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "core/bundle.h"

struct site;

/* patch.yaml: docs/formats.md. */
struct patch_spec {
    char *name, *version, *title, *kind, *source;
    struct strv advisories, cves;
    char *apply, *undo; /* kind script */
    int64_t timeout_ms;
    struct bundle files; /* what `files:` says: path and sha256 (size -1: not said) */
};
void patch_spec_init(struct patch_spec *s);
int patch_spec_read(const char *path, struct patch_spec *ret, struct err **err);
void patch_spec_release(struct patch_spec *s);
#define AUTO_PATCH_SPEC __attribute__((cleanup(patch_spec_release))) struct patch_spec

struct patch {
    int64_t id;
    char *name, *version, *kind, *digest;
    json_t *manifest; /* docs/formats.md, 'patch record' */
    int64_t created;
    struct bundle bundle;
    struct strv files; /* of the bundle, without patch.yaml */
    const char *apply; /* in manifest; NULL unless kind script */
    int64_t timeout_ms;
};
void patch_release(struct patch *p);
#define AUTO_PATCH __attribute__((cleanup(patch_release))) struct patch

/* `paths`: one directory, one archive, or one or more .deb files that make one patch; `name` NULL:
 * from the manifest or the package.  *ret_new is false when these bytes were known. */
int patch_add(const struct site *site, const struct strv *paths, const char *name, int64_t *ret_id,
              bool *ret_new, struct err **err);

/* By name (the newest), "name@version", or a digest prefix of at least 8 digits. */
int patch_find(const struct site *site, const char *which, struct patch *ret, struct err **err);
int patch_by_id(const struct site *site, int64_t id, struct patch *ret, struct err **err);
json_t *patch_list(const struct site *site, struct err **err);
json_t *patch_json(const struct patch *p);

#endif
