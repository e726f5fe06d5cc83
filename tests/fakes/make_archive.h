/*
 * make_archive - archives as a friend and as an attacker would make them, for unit tests.
 *
 *     make_archive(path, "tar.gz", (struct made[]) { { "a/b", .text = "hello" } }, 1);
 *
 * For what libarchive refuses to write there are single tar headers and raw bytes.  Everything
 * that fails inside fails the test.
 */
#ifndef FAKES_MAKE_ARCHIVE_H
#define FAKES_MAKE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct made {
    const char *name;
    const char *text;    /* of a regular file; NULL: empty */
    const char *symlink; /* where it points */
    const char *hardlink;
    unsigned type; /* an S_IF...; 0: regular, or what the links say */
    unsigned mode; /* 0: 0644 */
};

/* `kind`: "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "tar.lz4", "zip", "cpio". */
void make_archive(const char *path, const char *kind, const struct made *entries, size_t n);

/* `text` compressed by "gz", "bz2", "xz", "zst" or not at all (""). */
void make_compressed(const char *path, const char *filter, const struct str *text);

/* A ustar header of any type flag and size, whether or not the data follows. */
void add_tar_header(struct str *s, const char *name, char type, int64_t size);
void add_tar_end(struct str *s);

/* One member of an ar archive, of which "!<arch>\n" is the beginning. */
void add_ar_member(struct str *s, const char *name, const void *data, size_t len);

/* A .deb with this control file, compressed as `filter` says. */
void make_deb(const char *path, const char *filter, const char *control);

#endif
