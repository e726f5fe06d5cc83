/*
 * pkgmgr - the ways a patch gets into a guest and out of it again, one ops table a kind ("deb",
 * "rpm", "files", "script").
 *
 * Adding a kind: one file in adapters/ with its table, one row in front/wire.c, one test.
 */
#ifndef PORTS_PKGMGR_H
#define PORTS_PKGMGR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct err;
struct guest;
struct guest_result;

struct package {
    char *name; /* "openssl:amd64": unique in the list */
    char *version;
    /* What it was built from; its own name without the architecture, and version, if not said. */
    char *source, *source_version;
};

struct package_list { /* sorted by name */
    struct package *ptr;
    size_t len;
};

/* A package that is not in order: "half-configured", "unpacked, reinstall required". */
struct broken_package {
    char *name, *version, *state; /* name as in the list */
};

/* A package that must not be changed. */
struct held_package {
    char *name, *version;
    char *offered; /* the newer version that a patch brought, and that was left out; or NULL */
};

/* A configuration file that was changed here and in its package, so that somebody had to choose. */
struct conffile {
    char *path;
    char *package; /* NULL: not known */
    char *other;   /* where the version lies that was not taken; NULL: nowhere */
    char *asker;   /* what would have asked: "dpkg", "ucf" */
    bool replaced; /* by the package's version; else kept */
};

/* What a package manager says of itself, and what was decided when patches were applied. */
struct pkg_state {
    struct broken_package *broken;
    struct held_package *held;
    struct conffile *conffiles;
    size_t broken_count, held_count, conffile_count;
    struct strv reboot; /* why the guest wants a reboot, a sentence each; empty: it does not */
};

/* A file of the patch that is put somewhere. */
struct patch_place {
    char *from;  /* one of the files */
    char *to;    /* absolute */
    char *owner; /* "USER:GROUP"; NULL: of the file that is replaced, else root's */
    int mode;    /* -1: of the file that is replaced, else of the file itself */
};

struct patch_places { /* sorted by `to`; none twice, none below another one */
    struct patch_place *ptr;
    size_t len;
};

/* Where a patch has the older packages that take it back. */
#define PATCH_UNDO "undo/"

/* The patch as the guest sees it. */
struct patch_in_guest {
    const char *dir;          /* on the payload disc */
    const struct strv *files; /* relative to dir; those below PATCH_UNDO are for undo alone */
    /* Programs among the files; NULL: none.  `undone` is run when all is put back. */
    const char *apply, *undo, *undone;
    const char *name;                   /* of the patch */
    const struct patch_places *install; /* NULL: nothing is put anywhere */
    bool replace_conffiles; /* by those of the packages, where both were changed; else keep */
    int64_t timeout_ms;
    size_t output_max;
};

struct pkgmgr {
    const char *kind;
    const char *undo_how; /* completes "reversible by"; NULL: the patch's own program */
    /* Installs without asking and without a network.  How it ended is in the result. */
    int (*apply)(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err);
    /* Takes it out again, just after it was applied.  How it ended is in the result.  NULL: this
     * kind never can; ERR_NOT_FOUND: this patch does not bring what it needs for that. */
    int (*undo)(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err);
    /* What is installed; NULL when this kind has no list. */
    int (*list)(struct guest *g, struct package_list *ret, struct err **err);
    /* The same from what a server has printed of itself; ERR_INVALID.  NULL: not for this kind. */
    int (*parse)(const char *text, size_t len, struct package_list *ret, struct err **err);
    /* Asked before a patch is applied, and after, also when that failed; NULL: unknown. */
    int (*state)(struct guest *g, struct pkg_state *ret, struct err **err);
};

void package_list_add(struct package_list *l, const char *name, const char *version);
void package_list_add_source(struct package_list *l, const char *name, const char *version,
                             const char *source, const char *source_version); /* NULL: not said */
void package_list_sort(struct package_list *l);
void package_list_release(struct package_list *l);
#define AUTO_PACKAGE_LIST __attribute__((cleanup(package_list_release))) struct package_list

void patch_places_release(struct patch_places *p);

/* All texts are copied. */
void pkg_state_add_broken(struct pkg_state *s, const char *name, const char *version,
                          const char *state);
void pkg_state_add_held(struct pkg_state *s, const char *name, const char *version,
                        const char *offered);
void pkg_state_add_conffile(struct pkg_state *s, const struct conffile *c);
void pkg_state_release(struct pkg_state *s);
#define AUTO_PKG_STATE __attribute__((cleanup(pkg_state_release))) struct pkg_state

#endif
