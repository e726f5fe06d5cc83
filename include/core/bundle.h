/*
 * bundle - a directory of files under one digest: what a patch and a testcase are made of.
 *
 * The listing is the canonical JSON of [{"mode","path","sha256","size"}, ...], sorted by path; its
 * SHA-256 is the bundle's digest.  bundle_keep() puts the files and the listing into the blob
 * store, so the digest is also the listing's blob and the same bytes can be had back for good.
 * Only regular files count; mode is 0755 when the owner may execute it, else 0644.
 */
#ifndef CORE_BUNDLE_H
#define CORE_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"

struct err;
struct blobs;

#define BUNDLE_MAX_FILES 20000

struct bundle_file {
    char *path; /* relative, path_is_safe() */
    int mode;   /* 0755 or 0644 */
    int64_t size;
    char sha256[DIGEST_HEX_SIZE];
};

struct bundle {
    struct bundle_file *ptr; /* sorted by path */
    size_t len;
    char digest[DIGEST_HEX_SIZE];
};

/* Reads DIR; a symlink, device or unsafe name in it is ERR_INVALID. */
int bundle_read(const char *dir, struct bundle *ret, struct err **err);
int bundle_keep(const struct bundle *b, const char *dir, struct blobs *blobs, struct err **err);
/* ERR_NOT_FOUND when there is no such blob; ERR_CORRUPT when it is no listing. */
int bundle_load(const struct blobs *blobs, const char *digest, struct bundle *ret,
                struct err **err);

const struct bundle_file *bundle_find(const struct bundle *b, const char *path); /* or NULL */
json_t *bundle_json(const struct bundle *b);
int64_t bundle_size(const struct bundle *b); /* bytes of all files */
void bundle_release(struct bundle *b);
#define AUTO_BUNDLE __attribute__((cleanup(bundle_release))) struct bundle

#endif
