/* inflate - files that are compressed with gzip or zlib, or not at all, read with a limit. */
#ifndef VALIDATOR_ADAPTERS_INFLATE_H
#define VALIDATOR_ADAPTERS_INFLATE_H

#include <stddef.h>

struct err;
struct stop;
struct str;

/* The content, NUL-terminated; the caller frees.  ERR_INVALID when it is damaged, or longer than
 * `max` bytes.  What it is shows in its first bytes. */
char *inflate_read(const char *path, size_t max, const struct stop *stop, size_t *ret_len,
                   struct err **err);

/* The same of what is in memory already. */
char *inflate_mem(const char *data, size_t len, size_t max, const struct stop *stop,
                  size_t *ret_len, struct err **err);

/* Into `ret`, which keeps no more than its limit: what is longer is cut off there. */
int inflate_head(const char *data, size_t len, struct str *ret, const struct stop *stop,
                 struct err **err);

/* Writes a text as a zlib file. */
int deflate_write(const char *path, const char *text, size_t len, struct err **err);

#endif
