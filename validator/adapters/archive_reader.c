/* archive_reader - libarchive's reader with guards on every way in; see archive_reader.h. */
#include "adapters/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

static const struct compression {
    const char *magic;
    size_t len;
    int filter;
} compressions[] = {
    { "\x1f\x8b", 2, ARCHIVE_FILTER_GZIP },
    { "BZh", 3, ARCHIVE_FILTER_BZIP2 },
    { "\xfd"
      "7zXZ",
      6, ARCHIVE_FILTER_XZ }, /* with the NUL at its end */
    { "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD },
};

struct utf8_scope utf8_scope_enter(void)
{
    locale_t own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

    if (own == (locale_t)0)
        return (struct utf8_scope){ 0 };
    return (struct utf8_scope){ .own = own, .before = uselocale(own) };
}

void utf8_scope_leave(struct utf8_scope *s)
{
    if (!s->own)
        return;
    uselocale(s->before);
    freelocale(s->own);
}

static bool stream_too_long(const struct archive_reader *r)
{
    return archive_filter_bytes(r->a, 0) > r->source.stream_max;
}

static int refuse_bomb(struct err **err)
{
    err_set(err, ERR_INVALID, "it unpacks to far more than its size allows");
    return err_hint(err, "it looks like an archive bomb");
}

static la_ssize_t on_read(struct archive *a, void *arg, const void **ret)
{
    struct archive_reader *r = arg;
    int64_t left = r->source.size - r->pos;
    size_t want = left < (int64_t)sizeof(r->buf) ? (size_t)left : sizeof(r->buf);

    *ret = r->buf;
    if (!r->err && stop_check(r->source.stop, &r->err) == 0 && stream_too_long(r))
        refuse_bomb(&r->err);
    if (r->err) {
        archive_set_error(a, EINTR, "stopped");
        return ARCHIVE_FATAL;
    }
    ssize_t n = pread(r->source.fd, r->buf, want, r->source.begin + r->pos);
    if (n < 0) {
        err_set_errno(&r->err, errno, "cannot read the file");
        archive_set_error(a, EIO, "cannot read");
        return ARCHIVE_FATAL;
    }
    r->pos += n;
    return n;
}

static la_int64_t on_skip(struct archive *a, void *arg, la_int64_t request)
{
    struct archive_reader *r = arg;
    int64_t left = r->source.size - r->pos;

    (void)a;
    if (request > left)
        request = left;
    r->pos += request;
    return request;
}

static la_int64_t on_seek(struct archive *a, void *arg, la_int64_t offset, int whence)
{
    struct archive_reader *r = arg;
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? r->pos : r->source.size;
    int64_t to;

    if (__builtin_add_overflow(from, offset, &to) || to < 0 || to > r->source.size) {
        archive_set_error(a, EINVAL, "Truncated archive: it points beyond its end");
        return ARCHIVE_FATAL;
    }
    r->pos = to;
    return to;
}

/* Why libarchive gave up, in our words where we know better. */
static int read_error(struct archive_reader *r, struct err **err)
{
    const char *raw = archive_error_string(r->a);

    if (r->err) {
        *err = TAKE(r->err);
        return -1;
    }
    if (!raw)
        raw = "unknown reason";
    AUTO_FREE char *text = str_printable(raw, strnlen(raw, 200), false);
    if (archive_errno(r->a) == ENOMEM)
        return err_set(err, ERR_IO, "out of memory: %s", text);
    if (strcasestr(text, "truncated") || strcasestr(text, "no progress is possible"))
        return err_set(err, ERR_INVALID, "it is truncated (%s)", text);
    if (!strcasestr(text, "unrecognized archive format"))
        return err_set(err, ERR_INVALID, "it is damaged (%s)", text);
    if (r->looks_like_zip)
        return err_set(err, ERR_INVALID, "it is truncated (a zip without its directory)");
    /* A decompressor that got nothing out at all is not asked why. */
    err_set(err, ERR_INVALID, "its format is not known%s",
            r->compressed ? ", or it is truncated" : "");
    return err_hint(err, "give a tar (plain, gzip, bzip2, xz or zstd)%s",
                    r->source.zip ? " or a zip" : "");
}

/* Exactly one compression or none: libarchive is told, so it does not look for more. */
static int choose_filter(struct archive_reader *r, struct err **err)
{
    char head[8] = "";
    ssize_t n = pread(r->source.fd, head, sizeof(head), r->source.begin);

    if (n < 0)
        return err_set_errno(err, errno, "cannot read the file");
    if (n == 0 || r->source.size == 0)
        return err_set(err, ERR_INVALID, "it is empty");
    r->looks_like_zip = r->source.zip && n >= 4 && memcmp(head, "PK\3\4", 4) == 0;
    for (size_t i = 0; i < ARRAY_LEN(compressions); i++) {
        const struct compression *c = &compressions[i];

        if ((size_t)n < c->len || memcmp(head, c->magic, c->len) != 0)
            continue;
        /* libarchive takes a torn one for complete; a tar would at least miss its end. */
        if (r->source.raw && c->filter == ARCHIVE_FILTER_BZIP2)
            return err_set(err, ERR_INVALID, "a bzip2 without a tar in it is not supported");
        if (archive_read_append_filter(r->a, c->filter) != ARCHIVE_OK)
            return read_error(r, err);
        r->compressed = true;
    }
    return 0;
}

int archive_reader_open(struct archive_reader *r, const struct archive_source *source,
                        struct err **err)
{
    r->source = *source;
    r->a = archive_read_new();
    if (!r->a)
        return err_set(err, ERR_IO, "out of memory");
    if (choose_filter(r, err) < 0)
        return -1;
    if (source->raw) {
        archive_read_support_format_raw(r->a);
        archive_read_support_format_empty(r->a);
    } else {
        archive_read_support_format_tar(r->a);
    }
    /* Only with its directory: the other reader of zips believes the entries of a torn one. */
    if (source->zip)
        archive_read_support_format_zip_seekable(r->a);
    archive_read_set_read_callback(r->a, on_read);
    archive_read_set_skip_callback(r->a, on_skip);
    archive_read_set_seek_callback(r->a, on_seek);
    archive_read_set_callback_data(r->a, r);
    if (archive_read_open1(r->a) != ARCHIVE_OK)
        return read_error(r, err);
    return 0;
}

/* libarchive takes a tar that just stops between two entries for complete. */
static int check_end(struct archive_reader *r, struct err **err)
{
    bool tar = (archive_format(r->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;

    if (tar && archive_filter_bytes(r->a, 0) <= archive_read_header_position(r->a))
        return err_set(err, ERR_INVALID, "it is truncated (the mark at its end is missing)");
    return 0;
}

int archive_reader_next(struct archive_reader *r, struct archive_entry **ret, struct err **err)
{
    int rc = archive_read_next_header(r->a, ret);

    if (rc == ARCHIVE_EOF)
        return check_end(r, err);
    /* A warning is about a name or an attribute that could not be read: that is no good archive. */
    if (rc != ARCHIVE_OK)
        return read_error(r, err);
    if (stream_too_long(r))
        return refuse_bomb(err);
    return 1;
}

int archive_reader_block(struct archive_reader *r, int64_t expected_offset, const void **ret_data,
                         size_t *ret_len, struct err **err)
{
    const void *data;
    size_t len;
    la_int64_t offset;
    int rc = archive_read_data_block(r->a, &data, &len, &offset);

    if (rc == ARCHIVE_EOF)
        return 0;
    if (rc != ARCHIVE_OK)
        return read_error(r, err);
    if (offset != expected_offset)
        return err_set(err, ERR_INVALID, "it has holes (a sparse file)");
    if (stream_too_long(r))
        return refuse_bomb(err);
    *ret_data = data;
    *ret_len = len;
    return 1;
}

const char *archive_reader_plain_name(const char *name)
{
    while (name[0] == '/' || str_starts(name, "./"))
        name++;
    return name;
}

void archive_reader_release(struct archive_reader *r)
{
    archive_read_free(r->a);
    err_free(r->err);
}
