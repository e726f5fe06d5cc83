/* base64 - RFC 4648 with padding, decoded strictly: hostile text is refused, never guessed. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/* NUL-terminated copy of the bytes, which the caller frees; NULL when `text` is not base64. */
char *base64_decode(const char *text, size_t len, size_t *ret_len);
char *base64_encode(const void *data, size_t len); /* the caller frees */

#endif
