/*
 * pkgmgr - the ways a patch gets into a guest and out of it again, one ops table a kind ("deb",
 * "script").
 *
 * Adding a kind: one file in adapters/ with its table, one row in front/wire.c, one test.
 */
#ifndef PORTS_PKGMGR_H
#define PORTS_PKGMGR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct guest;
struct guest_result;
struct strv;

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

/* The patch as the guest sees it. */
struct patch_in_guest {
    const char *dir;          /* on the payload disc */
    const struct strv *files; /* relative to dir */
    const char *apply, *undo; /* programs among the files; NULL where the kind needs none */
    int64_t timeout_ms;
    size_t output_max;
};

struct pkgmgr {
    const char *kind;
    /* Installs without asking and without a network.  How it ended is in the result. */
    int (*apply)(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err);
    /* Takes it out again, just after it was applied.  How it ended is in the result.  NULL: this
     * kind never can; ERR_NOT_FOUND: this patch does not bring what it needs for that. */
    int (*undo)(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err);
    /* What is installed; NULL when this kind has no list. */
    int (*list)(struct guest *g, struct package_list *ret, struct err **err);
    /* Says whether the guest asks for a reboot; NULL: unknown. */
    int (*wants_reboot)(struct guest *g, bool *ret, struct err **err);
};

void package_list_add(struct package_list *l, const char *name, const char *version);
void package_list_add_source(struct package_list *l, const char *name, const char *version,
                             const char *source, const char *source_version); /* NULL: not said */
void package_list_sort(struct package_list *l);
void package_list_release(struct package_list *l);
#define AUTO_PACKAGE_LIST __attribute__((cleanup(package_list_release))) struct package_list

#endif
