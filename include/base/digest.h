/* digest - SHA-256 as lower-case hex, and random identifiers. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

struct err;

#define DIGEST_HEX_SIZE 65 /* 64 hex digits and NUL */

void digest_mem(const void *data, size_t len, char ret[DIGEST_HEX_SIZE]);
int digest_file(const char *path, char ret[DIGEST_HEX_SIZE], int64_t *ret_size, struct err **err);
bool digest_is_hex(const char *s); /* exactly 64 lower-case hex digits */

/* In steps: new -> add ... -> hex (once) -> free. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *d, const void *data, size_t len);
void digest_hex(struct digest *d, char ret[DIGEST_HEX_SIZE]);
void digest_free(struct digest *d);
static inline void digest_freep(struct digest **d)
{
    digest_free(*d);
}
#define AUTO_DIGEST __attribute__((cleanup(digest_freep))) struct digest *

void random_bytes(void *buf, size_t len);
char *random_hex(size_t bytes); /* the caller frees */

/* RFC 4122 version 4, 36 characters; the caller frees. */
char *random_uuid(void);

#endif
