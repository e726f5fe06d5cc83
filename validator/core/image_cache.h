/*
 * image_cache - sealed disks by recipe: CACHE/<recipe digest>.qcow2, and beside it .json with the
 * disk's own digest.  An entry counts only when the two agree, so one that is half-written or
 * damaged is as good as none.
 */
#ifndef VALIDATOR_CORE_IMAGE_CACHE_H
#define VALIDATOR_CORE_IMAGE_CACHE_H

#include "core/image_disk.h"

/* 1: `to` (which must not exist) is the disk, linked or copied, and *ret describes it; 0: there is
 * no usable entry that was built after `since` (one that is damaged is removed). */
int image_cache_get(const struct site *site, const char *recipe, int64_t since, const char *to,
                    struct sealed_disk *ret, struct err **err);

/* Moves the sealed disk at `from` into the cache. */
int image_cache_put(const struct site *site, const char *recipe, const char *name,
                    const struct sealed_disk *disk, struct err **err);

#endif
