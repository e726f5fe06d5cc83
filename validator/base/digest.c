/* digest - SHA-256 by libcrypto; see base/digest.h. */
#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/hex.h"
#include "base/mem.h"

enum { DIGEST_BYTES = 32, CHUNK = 128 * 1024 };

struct digest {
    EVP_MD_CTX *ctx;
};

/* SHA-256 fails only when libcrypto is broken or memory is out; no caller could go on. */
static void must(int ok)
{
    if (!ok) {
        fputs("patchlab: libcrypto cannot compute SHA-256\n", stderr);
        abort();
    }
}

struct digest *digest_new(void)
{
    struct digest *d = xcalloc(1, sizeof(*d));

    d->ctx = EVP_MD_CTX_new();
    must(d->ctx && EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL));
    return d;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
    must(EVP_DigestUpdate(d->ctx, data, len));
}

void digest_hex(struct digest *d, char ret[DIGEST_HEX_SIZE])
{
    unsigned char md[DIGEST_BYTES];

    must(EVP_DigestFinal_ex(d->ctx, md, NULL));
    hex_write(md, sizeof(md), ret);
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

void digest_mem(const void *data, size_t len, char ret[DIGEST_HEX_SIZE])
{
    unsigned char md[DIGEST_BYTES];

    must(EVP_Digest(data, len, md, NULL, EVP_sha256(), NULL));
    hex_write(md, sizeof(md), ret);
}

int digest_file(const char *path, char ret[DIGEST_HEX_SIZE], int64_t *ret_size, struct err **err)
{
    AUTO_FD fd = file_open_regular(path, NULL, err);
    AUTO_FREE char *buf = xreallocarray(NULL, CHUNK, 1);
    AUTO_DIGEST d = digest_new();
    int64_t size = 0;

    if (fd < 0)
        return -1;
    for (;;) {
        ssize_t n = read(fd, buf, CHUNK);
        if (n < 0 && errno != EINTR)
            return err_set_errno(err, errno, "cannot read '%s'", path);
        if (n == 0)
            break;
        if (n > 0) {
            digest_add(d, buf, (size_t)n);
            size += n;
        }
    }
    digest_hex(d, ret);
    if (ret_size)
        *ret_size = size;
    return 0;
}

bool digest_is_hex(const char *s)
{
    return strlen(s) == DIGEST_HEX_SIZE - 1 && strspn(s, "0123456789abcdef") == strlen(s);
}
