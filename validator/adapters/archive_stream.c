/* archive_stream - one compressed file into a plain one, under limits. */
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "adapters/archive_impl.h"
#include "adapters/archive_reader.h"
#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/mem.h"
#include "base/temp_file.h"
#include "base/unit.h"

enum { RATIO_FROM = 1 << 20 };

static int64_t bytes_allowed(const struct archive_limits *limits, int64_t packed)
{
    int64_t by_ratio;

    if (__builtin_mul_overflow(packed, (int64_t)limits->max_ratio, &by_ratio)
        || by_ratio > limits->max_bytes)
        return limits->max_bytes;
    if (by_ratio < RATIO_FROM)
        by_ratio = RATIO_FROM;
    return by_ratio < limits->max_bytes ? by_ratio : limits->max_bytes;
}

static int refuse_size(int64_t allowed, struct err **err)
{
    AUTO_FREE char *most = unit_size(allowed);

    err_set(err, ERR_INVALID, "it unpacks to more than the %s that are allowed", most);
    return err_hint(err, "it looks like a compression bomb");
}

static int write_block(int fd, const char *data, size_t len, struct err **err)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot write what comes out");
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_stream(struct archive_reader *r, int64_t allowed, int fd, struct err **err)
{
    struct archive_entry *e;
    const void *data;
    size_t len;
    int64_t size = 0;
    int rc = archive_reader_next(r, &e, err);

    if (rc <= 0)
        return rc; /* 0: a compressed nothing */
    while ((rc = archive_reader_block(r, size, &data, &len, err)) > 0) {
        if ((int64_t)len > allowed - size)
            return refuse_size(allowed, err);
        if (write_block(fd, data, len, err) < 0)
            return -1;
        size += (int64_t)len;
    }
    return rc;
}

static int decompress(int fd, int64_t packed, const char *to, const struct archive_limits *limits,
                      const struct stop *stop, struct err **err)
{
    AUTO_ARCHIVE_READER r = { 0 };
    AUTO_TEMP_FILE t = TEMP_FILE_NONE;
    int64_t allowed = bytes_allowed(limits, packed);
    /* A block more, so that the message is ours. */
    struct archive_source source = {
        .fd = fd, .size = packed, .raw = true, .stream_max = allowed + (1 << 20), .stop = stop
    };

    if (temp_file_open(&t, to, 0600, err) < 0 || archive_reader_open(&r, &source, err) < 0
        || write_stream(&r, allowed, t.fd, err) < 0)
        return -1;
    return temp_file_commit(&t, err);
}

int archive_decompress(const char *file, const char *to, const struct archive_limits *limits,
                       const struct stop *stop, struct err **err)
{
    int64_t packed;
    AUTO_FD fd = file_open_regular(file, &packed, err);

    if (fd < 0)
        return -1;
    if (decompress(fd, packed, to, limits, stop, err) < 0)
        return err_wrap(err, "cannot decompress '%s'", file);
    return 0;
}
