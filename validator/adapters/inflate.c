/* inflate - gzip and zlib through zlib, with limits; see inflate.h. */
#include "adapters/inflate.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

enum { CHUNK = 64 << 10, EITHER_HEADER = 32 };

static bool is_compressed(const char *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;

    if (len < 2)
        return false;
    if (p[0] == 0x1f && p[1] == 0x8b)
        return true;
    /* zlib: deflate, a window of at most 32 KiB, and a check of both bytes. */
    return (p[0] & 0x0f) == 8 && p[0] >> 4 <= 7 && (p[0] << 8 | p[1]) % 31 == 0;
}

static int inflate_all(z_stream *z, struct str *ret, const struct stop *stop, struct err **err)
{
    char buf[CHUNK];
    int rc = Z_OK;

    while (rc == Z_OK) {
        if (stop_check(stop, err) < 0)
            return -1;
        z->next_out = (unsigned char *)buf;
        z->avail_out = sizeof(buf);
        rc = inflate(z, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END)
            break;
        str_add_mem(ret, buf, sizeof(buf) - z->avail_out);
        if (ret->truncated)
            return err_set(err, ERR_INVALID, "it unpacks to more than %zu bytes", ret->max);
        /* A gzip file may have several parts. */
        if (rc == Z_STREAM_END && z->avail_in > 0)
            rc = inflateReset(z);
    }
    if (rc == Z_BUF_ERROR)
        return err_set(err, ERR_INVALID, "it is truncated");
    if (rc != Z_STREAM_END)
        return err_set(err, ERR_INVALID, "it is damaged (%s)", z->msg ? z->msg : "unknown reason");
    return 0;
}

static int unpack(const char *data, size_t len, struct str *ret, const struct stop *stop,
                  struct err **err)
{
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)data, .avail_in = (unsigned)len };

    if (inflateInit2(&z, MAX_WBITS + EITHER_HEADER) != Z_OK)
        return err_set(err, ERR_NO_ROOM, "cannot start to unpack it");
    int rc = inflate_all(&z, ret, stop, err);
    inflateEnd(&z);
    return rc;
}

char *inflate_mem(const char *data, size_t len, size_t max, const struct stop *stop,
                  size_t *ret_len, struct err **err)
{
    AUTO_STR s = STR_INIT(max);

    if (is_compressed(data, len)) {
        if (unpack(data, len, &s, stop, err) < 0)
            return NULL;
    } else {
        str_add_mem(&s, data, len);
        if (s.truncated) {
            err_set(err, ERR_INVALID, "it is longer than %zu bytes", max);
            return NULL;
        }
    }
    *ret_len = s.len;
    return str_take(&s);
}

char *inflate_read(const char *path, size_t max, const struct stop *stop, size_t *ret_len,
                   struct err **err)
{
    size_t len = 0;
    AUTO_FREE char *data = file_read(path, max < UINT32_MAX ? max : UINT32_MAX, &len, err);

    if (!data)
        return NULL;
    if (!is_compressed(data, len)) {
        *ret_len = len;
        return TAKE(data);
    }
    char *text = inflate_mem(data, len, max, stop, ret_len, err);
    if (!text)
        err_wrap(err, "cannot read '%s'", path);
    return text;
}

int inflate_head(const char *data, size_t len, struct str *ret, const struct stop *stop,
                 struct err **err)
{
    AUTO_ERR e = NULL;

    if (!is_compressed(data, len)) {
        str_add_mem(ret, data, len);
    } else if (unpack(data, len, ret, stop, &e) < 0 && !ret->truncated) {
        *err = TAKE(e);
        return -1;
    }
    return 0;
}

int deflate_write(const char *path, const char *text, size_t len, struct err **err)
{
    uLongf size = compressBound(len);
    AUTO_FREE unsigned char *data = xcalloc(size, 1);

    if (compress2(data, &size, (const unsigned char *)text, len, Z_BEST_SPEED) != Z_OK)
        return err_set(err, ERR_NO_ROOM, "cannot compress '%s'", path);
    return file_write(path, data, size, 0644, err);
}
