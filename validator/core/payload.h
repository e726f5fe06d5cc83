/*
 * payload - the disc that a clone finds in its CD drive: bundles, each below a directory.
 *
 * Calling sequence: payload_add() ... -> payload_write() -> payload_release().
 */
#ifndef VALIDATOR_CORE_PAYLOAD_H
#define VALIDATOR_CORE_PAYLOAD_H

#include <stddef.h>

struct bundle;
struct disc_entry;
struct err;
struct site;

/* Where a patch is on the disc. */
#define PAYLOAD_PATCH "patch"

struct payload {
    struct disc_entry *ptr;
    size_t len;
};

/* The files come from the site's blobs. */
void payload_add(struct payload *p, const struct site *site, const char *below,
                 const struct bundle *b);
/* The files are taken out of the directory that the bundle was read from. */
void payload_add_dir(struct payload *p, const char *dir, const char *below, const struct bundle *b);
int payload_write(const struct payload *p, const struct site *site, const char *to,
                  struct err **err);
void payload_release(struct payload *p);
#define AUTO_PAYLOAD __attribute__((cleanup(payload_release))) struct payload

#endif
