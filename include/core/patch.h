/*
 * patch - a candidate: identity, files with digests, and how it is applied.
 *
 * Taken in once by patch_add() from a directory, an archive or packages; from then on it
 * is the bytes of its bundle, whatever happens to where they came from.  Adding the same bytes
 * again under the same name gives the same patch.
 */
#ifndef CORE_PATCH_H
#define CORE_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "core/bundle.h"
#include "ports/pkgmgr.h"

struct site;

/* Where a configuration file was changed on the system and in its package. */
enum conffiles { CONFFILES_KEEP, CONFFILES_REPLACE };
extern const char *const conffiles_names[];

/* patch.yaml: docs/formats.md.  title and source are NULL when they are not said. */
struct patch_spec {
    char *name, *version, *title, *kind, *source;
    struct strv advisories, cves;
    struct strv changes;         /* "KIND KEY" that it is meant to change beyond its packages */
    char *apply, *undo;          /* kind script; files: or NULL */
    char *undone;                /* kind files; or NULL */
    struct patch_places install; /* kind files */
    int conffiles;               /* enum; kind deb */
    struct strv new_packages;    /* kinds deb and rpm */
    /* "NAME VERSION": what its packages are newer than, where that is known; kind deb */
    struct strv replaces;
    int64_t timeout_ms;
    struct bundle files; /* what `files:` says: path and sha256 (size -1: not said); or none */
};
void patch_spec_init(struct patch_spec *s); /* defaults */
/* Checks all that can be checked without the files; `name` stands in messages. */
int patch_spec_parse(const struct site *site, const char *text, size_t len, const char *name,
                     struct patch_spec *ret, struct err **err);
void patch_spec_release(struct patch_spec *s);
#define AUTO_PATCH_SPEC __attribute__((cleanup(patch_spec_release))) struct patch_spec

struct patch {
    int64_t id;
    char *name, *version, *kind, *digest;
    json_t *manifest; /* docs/formats.md, 'patch record' */
    int64_t created;
    struct bundle bundle;
    struct strv files;                 /* of the bundle, without patch.yaml */
    const char *apply, *undo, *undone; /* in manifest; NULL: none */
    struct patch_places install;       /* kind files */
    enum conffiles conffiles;
    int64_t timeout_ms;
};
void patch_release(struct patch *p);
#define AUTO_PATCH __attribute__((cleanup(patch_release))) struct patch

/*
 * `paths`: one directory, one archive, or one or more packages (all .deb or all .rpm) that make one
 * patch.  An archive that holds nothing but one directory means that directory.  Without a
 * patch.yaml, a directory or an archive must hold such packages only, and is what these files are
 * when they are named one by one.
 *
 * `name` NULL: from patch.yaml; of packages the source package that all of them share, else
 * ERR_INVALID.  The version of packages is that of the one package that is called like the source,
 * else the one that all share, else "1".
 *
 * `undo`: older packages that take such a patch back, only beside packages (a directory or an
 * archive has them below undo/); NULL or empty: none.  Each must be of a package of the patch, and
 * older, else ERR_INVALID.
 *
 * *ret_new is false when this name with these bytes was known.  After an error nothing is left of
 * the attempt (perhaps one blob after ERR_CONFLICT: a file was changed meanwhile).  One intake at a
 * time: others wait for it, or for the site's stop.
 */
int patch_add_undo(const struct site *site, const struct strv *paths, const struct strv *undo,
                   const char *name, int64_t *ret_id, bool *ret_new, struct err **err);
int patch_add(const struct site *site, const struct strv *paths, const char *name, int64_t *ret_id,
              bool *ret_new, struct err **err); /* without `undo` */

/*
 * By name (the newest), "name@version" (the newest of these), or a digest prefix of 8 digits or
 * more.  ERR_INVALID when it could mean several patches, ERR_NOT_FOUND.
 */
int patch_find(const struct site *site, const char *which, struct patch *ret, struct err **err);
int patch_by_id(const struct site *site, int64_t id, struct patch *ret, struct err **err);
json_t *patch_list(const struct site *site, struct err **err); /* the newest first */
json_t *patch_json(const struct patch *p);

#endif
