/*
 * image - sealed disks that stand for servers.
 *
 * A recipe (image.yaml + build command) or any bootable disk becomes DIR/images/<digest>.qcow2,
 * mode 0444, never written again; the row in the store says what it is and stays when the disk is
 * removed, because evidence refers to it.  The newest image of a name is the one meant by it.
 */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "core/command.h"
#include "ports/lab.h"

struct site;

/* image.yaml: docs/formats.md, images/README.md. */
struct image_spec {
    char *name, *description;
    int firmware; /* enum firmware */
    int64_t size, memory, vcpus;
    char *packages;       /* kind of the package manager in the guest: "deb"; NULL: none */
    struct command ready; /* argv empty: the agent's answer is enough */
    char *category;       /* NULL: that of its servers in the inventory */
    struct strv servers;
    char *build_command;
    struct strv build_uses; /* files outside the recipe's directory that belong to it */
    int64_t build_timeout;
};
void image_spec_init(struct image_spec *s); /* defaults */
int image_spec_read(const char *path, struct image_spec *ret, struct err **err);
/* What image_spec_read() demands, for one that was put together otherwise. */
int image_spec_check(const struct image_spec *s, struct err **err);
void image_spec_release(struct image_spec *s);
#define AUTO_IMAGE_SPEC __attribute__((cleanup(image_spec_release))) struct image_spec

struct image {
    int64_t id;
    char *name;
    char *digest;
    char *disk; /* path of the sealed disk */
    char *warm; /* where its warm image is; NULL: it is cold; see image_warm.h */
    bool removed;
    int64_t created;
    json_t *record; /* the stored spec; docs/formats.md, 'image record' */
    enum firmware firmware;
    int64_t memory;
    int vcpus;
    const char *packages; /* in record; NULL: none */
    struct command ready;
};
void image_release(struct image *i);
#define AUTO_IMAGE __attribute__((cleanup(image_release))) struct image

struct image_progress {
    void (*step)(void *arg, const char *what, double fraction); /* fraction < 0: unknown */
    void *arg;
};

/* Builds a recipe's directory; a disk of the same recipe is taken from the cache unless `fresh`.
 * `ret_cached` says so.  Returns the new image's digest in `ret`. */
int image_build(const struct site *site, const char *recipe_dir, bool fresh,
                const struct image_progress *progress, char ret[DIGEST_HEX_SIZE], bool *ret_cached,
                struct err **err);

/* Takes a disk file (format NULL: found out) with what `spec` says of it. */
int image_import(const struct site *site, const char *file, const char *format,
                 const struct image_spec *spec, const struct image_progress *progress,
                 char ret[DIGEST_HEX_SIZE], struct err **err);

/* By name (the newest that is there), or by a digest prefix of at least 8 digits.  With
 * `removed_too` also images whose disk is gone. */
int image_find(const struct site *site, const char *which, bool removed_too, struct image *ret,
               struct err **err);
/* The newest image that stands for this server. */
int image_of_server(const struct site *site, const char *server, struct image *ret,
                    struct err **err);
int image_by_id(const struct site *site, int64_t id, struct image *ret, struct err **err);
/* Of all, as image_json() with "servers": the names that each stands for now (core/server.h). */
json_t *image_list(const struct site *site, struct err **err);
json_t *image_json(const struct image *i);

/* Removes the disk; ERR_CONFLICT while a run uses it. */
int image_remove(const struct site *site, const struct image *i, struct err **err);

#endif
