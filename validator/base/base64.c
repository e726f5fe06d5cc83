/* Base64 by libcrypto, with the padding accounted for; see base64.h. */
#include "base/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"

char *base64_decode(const char *text, size_t len, size_t *ret_len)
{
    if (len % 4 != 0 || len > INT_MAX)
        return NULL;

    /* EVP_DecodeBlock() takes blanks around the text and counts the padding as bytes. */
    size_t padding = 0;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < len - padding; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == '=')
            return NULL;
    }
    unsigned char *out = xcalloc(1, len / 4 * 3 + 1);
    int n = len ? EVP_DecodeBlock(out, (const unsigned char *)text, (int)len) : 0;
    if (n < 0 || (size_t)n < padding) {
        free(out);
        return NULL;
    }
    *ret_len = (size_t)n - padding;
    out[*ret_len] = '\0';
    return (char *)out;
}

char *base64_encode(const void *data, size_t len)
{
    char *out = xcalloc(1, (len + 2) / 3 * 4 + 1);

    if (len)
        EVP_EncodeBlock((unsigned char *)out, data, (int)len);
    return out;
}
