/*
 * archive_changelog - the changelog inside a .deb: ar -> data.tar -> usr/share/doc/PACKAGE.
 *
 * It ends as soon as the file is found, which in most packages is early.  What is longer than the
 * caller wants is cut off: the newest entries stand first.
 */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "adapters/archive_impl.h"
#include "adapters/archive_reader.h"
#include "adapters/deb_ar.h"
#include "adapters/inflate.h"
#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/str.h"

enum { ENTRIES_MAX = 200000, PACKED_MAX = 16 << 20 };

#define DATA_TAR_MAX (8LL << 30) /* unpacked */

/* Asked of each entry, so it takes no memory. */
static bool is_changelog(const char *name, const char *package)
{
    static const char docs[] = "usr/share/doc/";

    name = archive_reader_plain_name(name);
    if (!str_starts(name, docs) || !str_starts(name + strlen(docs), package))
        return false;
    const char *file = name + strlen(docs) + strlen(package);
    return str_eq(file, "/changelog.Debian.gz") || str_eq(file, "/changelog.gz");
}

static int read_entry(struct archive_reader *r, struct str *ret, struct err **err)
{
    const void *data;
    size_t len;
    int rc;

    while ((rc = archive_reader_block(r, (int64_t)ret->len, &data, &len, err)) > 0) {
        str_add_mem(ret, data, len);
        if (ret->truncated)
            return err_set(err, ERR_INVALID, "its changelog is larger than %d bytes", PACKED_MAX);
    }
    return rc;
}

/* 1: found. */
static int find(struct archive_reader *r, const char *package, struct str *ret, struct err **err)
{
    struct archive_entry *e;
    int rc, entries = 0;

    while ((rc = archive_reader_next(r, &e, err)) > 0) {
        const char *name = archive_entry_pathname(e);

        if (++entries > ENTRIES_MAX)
            return err_set(err, ERR_INVALID, "it holds more than %d entries", ENTRIES_MAX);
        if (name && is_changelog(name, package) && archive_entry_filetype(e) == AE_IFREG
            && !archive_entry_hardlink(e))
            return read_entry(r, ret, err) < 0 ? -1 : 1;
    }
    return rc;
}

static int read_packed(int fd, int64_t size, const char *package, const struct stop *stop,
                       struct str *ret, struct err **err)
{
    AUTO_ARCHIVE_READER r = { 0 };
    struct deb_part data;

    if (deb_ar_data(fd, size, &data, err) < 0)
        return -1;
    struct archive_source source = {
        .fd = fd,
        .begin = data.begin,
        .size = data.size,
        .stream_max = DATA_TAR_MAX,
        .stop = stop,
    };
    return archive_reader_open(&r, &source, err) < 0 ? -1 : find(&r, package, ret, err);
}

int archive_package_changelog(const char *file, const char *package, size_t max,
                              const struct stop *stop, char **ret, size_t *ret_len,
                              struct err **err)
{
    AUTO_UTF8_SCOPE utf8 = utf8_scope_enter();
    AUTO_STR packed = STR_INIT(PACKED_MAX), text = STR_INIT(max);
    int64_t size;
    AUTO_FD fd = file_open_regular(file, &size, err);
    int rc = fd < 0 ? -1 : read_packed(fd, size, package, stop, &packed, err);

    if (rc < 0)
        return err_wrap(err, "cannot read the changelog of package '%s'", file);
    if (rc > 0 && inflate_head(packed.ptr, packed.len, &text, stop, err) < 0)
        return err_wrap(err, "cannot read the changelog of package '%s'", file);
    *ret_len = text.len;
    *ret = rc > 0 ? str_take(&text) : NULL;
    return 0;
}
