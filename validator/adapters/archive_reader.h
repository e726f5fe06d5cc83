/*
 * archive_reader - reading a hostile archive with libarchive, entry by entry.
 *
 * The one compression around a tar is chosen by its first bytes and not by libarchive's own
 * search, which would peel off layer after layer.  The stop and the limit of decompressed bytes
 * are looked at whenever libarchive asks for more, also while it skips data by itself.
 *
 * Calling sequence: archive_reader_open() -> archive_reader_next() -> archive_reader_block() ...
 * -> archive_reader_release().  Errors do not name the archive: the caller wraps them.
 */
#ifndef VALIDATOR_ADAPTERS_ARCHIVE_READER_H
#define VALIDATOR_ADAPTERS_ARCHIVE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;
struct archive_entry;
struct err;
struct stop;

struct archive_source {
    int fd;              /* stays the caller's */
    int64_t begin, size; /* the archive's bytes in it */
    bool zip;            /* may it be a zip, too? */
    bool raw;            /* no archive: one stream, compressed or not, as the only entry */
    int64_t stream_max;  /* decompressed bytes, with the archive's own overhead */
    const struct stop *stop;
};

struct archive_reader {
    struct archive *a;
    struct archive_source source;
    int64_t pos;
    bool looks_like_zip, compressed;
    struct err *err; /* what a callback found; libarchive's own message would hide it */
    char buf[16 << 10];
};

int archive_reader_open(struct archive_reader *r, const struct archive_source *source,
                        struct err **err);

/* 1: an entry, which lives until the next call; 0: the end. */
int archive_reader_next(struct archive_reader *r, struct archive_entry **ret, struct err **err);

/* 1: the next bytes of the entry, valid until the next call; 0: its end.  An entry with holes is
 * refused. */
int archive_reader_block(struct archive_reader *r, int64_t expected_offset, const void **ret_data,
                         size_t *ret_len, struct err **err);

/* The name of an entry of a .deb without what tar would strip in front: "/", "./". */
const char *archive_reader_plain_name(const char *name);

void archive_reader_release(struct archive_reader *r);
#define AUTO_ARCHIVE_READER __attribute__((cleanup(archive_reader_release))) struct archive_reader

/*
 * libarchive converts names by the locale; in plain C every name beyond ASCII would be lost.
 * Changes the locale of this thread until the scope ends.
 */
struct utf8_scope {
    void *own, *before;
};
struct utf8_scope utf8_scope_enter(void);
void utf8_scope_leave(struct utf8_scope *s);
#define AUTO_UTF8_SCOPE __attribute__((cleanup(utf8_scope_leave), unused)) struct utf8_scope

#endif
