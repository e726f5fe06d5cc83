/* hex - bytes as lower-case digits. */
#ifndef VALIDATOR_BASE_HEX_H
#define VALIDATOR_BASE_HEX_H

#include <stddef.h>

static inline void hex_write(const unsigned char *bytes, size_t len, char *ret)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * len] = '\0';
}

#endif
