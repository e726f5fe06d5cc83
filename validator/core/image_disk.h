/*
 * image_disk - DIR/images, the sealed disks by digest, and the rows that say what they are.
 *
 * A disk gets in by image_disk_adopt(): the file gets its name first, then the row is stored, both
 * under one lock that removing takes as well.  What fails in between leaves neither.
 */
#ifndef VALIDATOR_CORE_IMAGE_DISK_H
#define VALIDATOR_CORE_IMAGE_DISK_H

#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"

struct err;
struct site;
struct image_spec;
struct image_progress;

/* A sealed disk that is not adopted yet. */
struct sealed_disk {
    const char *path; /* a file in DIR/images or below it; it is moved */
    char digest[DIGEST_HEX_SIZE];
    int64_t virtual_size;
};

char *image_disks_dir(const struct site *site);
char *image_disk_path(const struct site *site, const char *digest);

/* Makes the folder so that QEMU's user can pass through.  *ret: its path, the caller's. */
int image_disks_open(const struct site *site, char **ret, struct err **err);
int image_disks_lock(const struct site *site, struct err **err); /* the descriptor */

/* ERR_NO_ROOM unless the file system of `dir` has `need` bytes; `doing` as in "cannot ...". */
int image_check_room(const char *dir, int64_t need, const char *doing, struct err **err);

/* ERR_INVALID when no package manager is known by the name that image.yaml gives. */
int image_check_packages(const struct site *site, const struct image_spec *spec, struct err **err);

/* Seals `from` to `to` and measures it; `ret->path` is `to`. */
int image_seal(const struct site *site, const char *from, const char *format, const char *to,
               const struct image_progress *progress, struct sealed_disk *ret, struct err **err);

/* Stores disk and row.  A disk that was removed is there again, and is the newest of its name;
 * ERR_CONFLICT when a run refers to it as something else than `spec` says.  Takes `origin`. */
int image_disk_adopt(const struct site *site, const struct image_spec *spec, json_t *origin,
                     const struct sealed_disk *disk, struct err **err);

void image_step(const struct image_progress *progress, const char *what, double fraction);

#endif
