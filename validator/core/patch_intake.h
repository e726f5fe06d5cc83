/*
 * patch_intake - a patch on its way in.
 *
 *     intake_open     waits for its turn, removes what a killed intake has left
 *     intake_stage    a directory that holds the files: the user's own, or one of ours
 *     intake_packages of a kind of packages: what they say of themselves
 *     intake_claims   and which CVEs their changelogs name
 *     intake_keep     files into the blob store, the row into the database, or neither
 *
 * Everything of ours lies below DIR/intake and goes with the struct.
 */
#ifndef VALIDATOR_CORE_PATCH_INTAKE_H
#define VALIDATOR_CORE_PATCH_INTAKE_H

#include <stdbool.h>

#include "base/json.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/patch.h"
#include "core/version.h"

struct err;
struct site;

#define PATCH_FILE "patch.yaml"

/* A kind of patch that consists of packages. */
struct package_kind {
    const char *kind, *suffix; /* of its files */
    const char *any_arch;      /* what a package says that is for all of them */
    version_order *order;
    bool has_changelogs; /* that archive_ops.package_changelog() can read */
};
const struct package_kind *package_kind_of(const char *kind);      /* NULL: it does not */
const struct package_kind *package_kind_of_file(const char *file); /* NULL: it is no package */

struct intake {
    const struct site *site;
    int lock;
    char *temp; /* NULL until something has to be unpacked or copied */
    char *dir;  /* with the files */
    char *from; /* what the user named, when the files lie in `temp` for it; else NULL */
    const struct package_kind *bare; /* packages without a patch.yaml; else NULL */
    struct bundle bundle;
    struct patch_spec spec;
    json_t *claims;   /* of the changelogs: docs/formats.md, 'patch record'; NULL unless kind deb */
    json_t *packages; /* [{"arch","file","name","source","version"}, ...]; NULL: not of packages */
    json_t *undo;     /* {"missing","packages"}: docs/formats.md; as packages */
};
#define INTAKE_OF(the_site) \
    { \
        .site = (the_site), .lock = -1 \
    }

int intake_open(struct intake *in, struct err **err);
int intake_stage(struct intake *in, const struct strv *paths, struct err **err);
/* Adds packages to those that intake_stage() has copied; ERR_INVALID when it has not. */
int intake_stage_undo(struct intake *in, const struct strv *files, struct err **err);
int intake_packages(struct intake *in, struct err **err);
/* After intake_packages(): the older ones, and which are lacking. */
int intake_undo(struct intake *in, struct err **err);
int intake_claims(struct intake *in, struct err **err);
/* Name and version of a patch without patch.yaml from its packages; a name that is set stays. */
int intake_derive(struct intake *in, struct err **err);
int intake_keep(const struct intake *in, const json_t *manifest, int64_t *ret_id, bool *ret_new,
                struct err **err);
void intake_release(struct intake *in);
#define AUTO_INTAKE __attribute__((cleanup(intake_release))) struct intake

/* ERR_NO_ROOM when `bytes` more would fill the disk of the state directory. */
int intake_room(const struct site *site, int64_t bytes, struct err **err);

/* [A-Za-z0-9][A-Za-z0-9.+~:_-]{0,254}: what Debian's versions need, and no '@'. */
bool patch_version_is_valid(const char *s);

#endif
