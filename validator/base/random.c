/* random - the kernel's random numbers as identifiers; see base/digest.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/digest.h"
#include "base/hex.h"
#include "base/mem.h"

void random_bytes(void *buf, size_t len)
{
    unsigned char *p = buf;

    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno != EINTR) {
            perror("patchlab: cannot get random numbers");
            abort();
        }
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
}

char *random_hex(size_t bytes)
{
    AUTO_FREE unsigned char *raw = xcalloc(bytes, 1);
    char *text = xcalloc(2 * bytes + 1, 1);

    random_bytes(raw, bytes);
    hex_write(raw, bytes, text);
    return text;
}

char *random_uuid(void)
{
    unsigned char raw[16];
    char hex[33];

    random_bytes(raw, sizeof(raw));
    raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40); /* version 4 */
    raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80); /* variant of RFC 4122 */
    hex_write(raw, sizeof(raw), hex);
    return xasprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
