/* inflate - files that are compressed with gzip or zlib, or not at all, read with a limit. */
#ifndef VALIDATOR_ADAPTERS_INFLATE_H
#define VALIDATOR_ADAPTERS_INFLATE_H

#include <stddef.h>

struct err;
struct stop;

/* The content, NUL-terminated; the caller frees.  ERR_INVALID when it is damaged, or longer than
 * `max` bytes.  What it is shows in its first bytes. */
char *inflate_read(const char *path, size_t max, const struct stop *stop, size_t *ret_len,
                   struct err **err);

/* The same of what is in memory already. */
char *inflate_mem(const char *data, size_t len, size_t max, const struct stop *stop,
                  size_t *ret_len, struct err **err);

#endif
