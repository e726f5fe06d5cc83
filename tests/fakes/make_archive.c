/* make_archive - writes archives for tests; see make_archive.h. */
#include "fakes/make_archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "adapters/archive_reader.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { BLOCK = 512, ARCHIVE_MAX = 256 << 20 };

static void ok(struct archive *a, int rc)
{
    if (rc != ARCHIVE_OK)
        fail_msg("libarchive: %s", archive_error_string(a));
}

static void save(const char *path, const struct str *s)
{
    AUTO_ERR e = NULL;

    if (file_write(path, s->ptr, s->len, 0644, &e) < 0)
        fail_msg("%s", e->msg);
}

static void set_filter(struct archive *a, const char *filter)
{
    static const struct {
        const char *name;
        int (*add)(struct archive *a);
    } filters[] = {
        { "", archive_write_add_filter_none },     { "gz", archive_write_add_filter_gzip },
        { "bz2", archive_write_add_filter_bzip2 }, { "xz", archive_write_add_filter_xz },
        { "zst", archive_write_add_filter_zstd },  { "lz4", archive_write_add_filter_lz4 },
    };

    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        if (str_eq(filters[i].name, filter)) {
            ok(a, filters[i].add(a));
            return;
        }
    fail_msg("no filter '%s'", filter);
}

static void set_kind(struct archive *a, const char *kind)
{
    const char *dot = strchr(kind, '.');

    if (str_eq(kind, "zip"))
        ok(a, archive_write_set_format_zip(a));
    else if (str_eq(kind, "cpio"))
        ok(a, archive_write_set_format_cpio(a));
    else
        ok(a, archive_write_set_format_pax_restricted(a));
    set_filter(a, dot ? dot + 1 : "");
}

static void add_entry(struct archive *a, const struct made *m)
{
    size_t len = m->text ? strlen(m->text) : 0;
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, m->name);
    archive_entry_set_filetype(e, m->type ? m->type : m->symlink ? S_IFLNK : S_IFREG);
    archive_entry_set_perm(e, m->mode ? m->mode : 0644);
    archive_entry_set_size(e, (int64_t)len);
    if (m->symlink)
        archive_entry_set_symlink(e, m->symlink);
    if (m->hardlink)
        archive_entry_set_hardlink(e, m->hardlink);
    ok(a, archive_write_header(a, e));
    if (len > 0)
        assert_int_equal(archive_write_data(a, m->text, len), len);
    archive_entry_free(e);
}

void make_archive(const char *path, const char *kind, const struct made *entries, size_t n)
{
    AUTO_UTF8_SCOPE utf8 = utf8_scope_enter();
    struct archive *a = archive_write_new();

    set_kind(a, kind);
    ok(a, archive_write_open_filename(a, path));
    for (size_t i = 0; i < n; i++)
        add_entry(a, &entries[i]);
    ok(a, archive_write_close(a));
    archive_write_free(a);
}

void make_compressed(const char *path, const char *filter, const struct str *text)
{
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();

    ok(a, archive_write_set_format_raw(a));
    ok(a, archive_write_set_bytes_in_last_block(a, 1));
    set_filter(a, filter);
    ok(a, archive_write_open_filename(a, path));
    archive_entry_set_filetype(e, S_IFREG);
    ok(a, archive_write_header(a, e));
    assert_int_equal(archive_write_data(a, text->ptr, text->len), text->len);
    ok(a, archive_write_close(a));
    archive_entry_free(e);
    archive_write_free(a);
}

void add_tar_header(struct str *s, const char *name, char type, int64_t size)
{
    char h[BLOCK] = "";
    unsigned sum = 0;

    snprintf(h, 100, "%s", name);
    memcpy(h + 100, "0000644\0000000000\0000000000", 24);
    if (size < 8LL << 30) {
        snprintf(h + 124, 12, "%011llo", (unsigned long long)size);
    } else { /* base 256, as GNU tar does */
        h[124] = (char)0x80;
        for (int i = 0; i < 8; i++)
            h[135 - i] = (char)(size >> (8 * i));
    }
    memcpy(h + 136, "00000000000", 12);
    memset(h + 148, ' ', 8);
    h[156] = type;
    memcpy(h + 257, "ustar\00000", 8);
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)h[i];
    snprintf(h + 148, 8, "%06o", sum);
    str_add_mem(s, h, BLOCK);
}

void add_tar_end(struct str *s)
{
    static const char zeros[2 * BLOCK];

    str_add_mem(s, zeros, sizeof(zeros));
}

void add_ar_member(struct str *s, const char *name, const void *data, size_t len)
{
    str_addf(s, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 0, 0, 0, "100644", len);
    str_add_mem(s, data, len);
    if (len % 2)
        str_add(s, "\n");
}

void make_deb(const char *path, const char *filter, const char *control)
{
    AUTO_STR deb = STR_INIT(ARCHIVE_MAX);
    AUTO_FREE char *kind = xasprintf("tar%s%s", *filter ? "." : "", filter);
    AUTO_FREE char *name = xasprintf("control.%s", kind);
    const struct made entries[] = {
        { "./", .type = S_IFDIR, .mode = 0755 },
        { "./control", .text = control },
        { "./md5sums", .text = "" },
    };
    AUTO_ERR e = NULL;
    size_t len;

    make_archive(path, kind, entries, ARRAY_LEN(entries));
    AUTO_FREE char *tar = file_read(path, ARCHIVE_MAX, &len, &e);
    assert_non_null(tar);
    str_add(&deb, "!<arch>\n");
    add_ar_member(&deb, "debian-binary", "2.0\n", 4);
    add_ar_member(&deb, name, tar, len);
    add_ar_member(&deb, "data.tar.xz", "data", 4);
    save(path, &deb);
}
