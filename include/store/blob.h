/*
 * blob - files by the SHA-256 of their content: logs, console output, pictures, patch files.
 *
 * A blob is written once (temporary file, fsync, rename), mode 0444, never changed; putting the
 * same bytes again is free.  Layout: DIR/ab/abcdef...  Safe from several threads and processes.
 */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct err;
struct blobs;

struct blobs *blobs_open(const char *dir, struct err **err); /* made when absent */
void blobs_close(struct blobs *b);

int blob_put(struct blobs *b, const void *data, size_t len, char ret[DIGEST_HEX_SIZE],
             struct err **err);
int blob_put_file(struct blobs *b, const char *path, char ret[DIGEST_HEX_SIZE], int64_t *ret_size,
                  struct err **err);
/* Where it is or would be; the caller frees.  NULL when `hex` is not 64 lower-case hex digits. */
char *blob_path(const struct blobs *b, const char *hex);

/* The content, read back and compared with its name: ERR_NOT_FOUND, ERR_CORRUPT. */
char *blob_get(const struct blobs *b, const char *hex, size_t max, size_t *ret_len,
               struct err **err);
int blob_check(const struct blobs *b, const char *hex, struct err **err);

static inline void blobs_closep(struct blobs **b)
{
    blobs_close(*b);
}
#define AUTO_BLOBS __attribute__((cleanup(blobs_closep))) struct blobs *

#endif
