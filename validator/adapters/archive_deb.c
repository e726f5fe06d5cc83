/*
 * archive_deb - what a .deb says of itself: ar -> control.tar -> ./control.
 *
 * The whole control.tar is read although the file wanted comes early: with a second one further
 * back, dpkg would install something else than what was looked at.
 */
#include <archive.h>
#include <archive_entry.h>

#include "adapters/archive_impl.h"
#include "adapters/archive_reader.h"
#include "adapters/deb_ar.h"
#include "adapters/deb_control.h"
#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/str.h"

enum { CONTROL_ENTRIES_MAX = 1000 };

#define CONTROL_TAR_MAX (64LL << 20) /* unpacked */

static int read_control(struct archive_reader *r, struct archive_entry *e, struct str *ret,
                        struct err **err)
{
    const void *data;
    size_t len;
    int64_t size = 0;
    int rc;

    if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e))
        return err_set(err, ERR_INVALID, "it is not a regular file");
    while ((rc = archive_reader_block(r, size, &data, &len, err)) > 0) {
        str_add_mem(ret, data, len);
        size += (int64_t)len;
        if (ret->truncated)
            return err_set(err, ERR_INVALID, "it is larger than %u bytes", DEB_CONTROL_MAX);
    }
    return rc;
}

static int find_control(struct archive_reader *r, struct str *ret, struct err **err)
{
    struct archive_entry *e;
    int rc, entries = 0;
    bool found = false;

    while ((rc = archive_reader_next(r, &e, err)) > 0) {
        const char *name = archive_entry_pathname(e);

        if (++entries > CONTROL_ENTRIES_MAX)
            return err_set(err, ERR_INVALID, "it holds more than %d entries", CONTROL_ENTRIES_MAX);
        if (!name || !str_eq(archive_reader_plain_name(name), "control"))
            continue;
        if (found)
            return err_set(err, ERR_INVALID, "'control' stands in it twice");
        if (read_control(r, e, ret, err) < 0)
            return err_wrap(err, "'control'");
        found = true;
    }
    if (rc == 0 && !found)
        return err_set(err, ERR_INVALID, "it holds no file 'control'");
    return rc;
}

static int package_info(int fd, int64_t size, struct package_info *ret, struct err **err)
{
    AUTO_ARCHIVE_READER r = { 0 };
    AUTO_STR text = STR_INIT(DEB_CONTROL_MAX);
    struct deb_part control;

    if (deb_ar_control(fd, size, &control, err) < 0)
        return -1;
    struct archive_source source = {
        .fd = fd,
        .begin = control.begin,
        .size = control.size,
        .stream_max = CONTROL_TAR_MAX,
    };
    if (archive_reader_open(&r, &source, err) < 0 || find_control(&r, &text, err) < 0)
        return err_wrap(err, "'%s'", control.name);
    if (deb_control_parse(text.ptr, text.len, ret, err) < 0)
        return err_wrap(err, "'control'");
    return 0;
}

int archive_deb_info(const char *file, struct package_info *ret, struct err **err)
{
    AUTO_UTF8_SCOPE utf8 = utf8_scope_enter();
    int64_t size;
    AUTO_FD fd = file_open_regular(file, &size, err);
    if (fd < 0)
        return -1;
    if (package_info(fd, size, ret, err) < 0)
        return err_wrap(err, "cannot read package '%s'", file);
    return 0;
}
