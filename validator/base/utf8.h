/* utf8 - one strict decoder for all who must look at text of hostile origin. */
#ifndef VALIDATOR_BASE_UTF8_H
#define VALIDATOR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the valid sequence at `s` (1-4) and its code point; 0 when it is not valid UTF-8
 * (cut short, overlong, surrogate, above U+10FFFF) or `len` is 0. */
size_t utf8_next(const char *s, size_t len, uint32_t *ret);

/* A control character (C0, DEL, C1), or one that reorders or breaks lines on a terminal. */
bool utf8_is_control(uint32_t c);

/* Valid, and no control characters but tab, and newline when `multiline`. */
bool utf8_is_clean(const char *s, bool multiline);

#endif
