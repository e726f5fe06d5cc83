/*
 * release_file - what the Release file of an APT suite says, and whether to believe it now; pure.
 *
 * The text comes from signature_ops.verify(): nobody else's bytes are in it.  But a signature says
 * nothing about when and for which suite: release_judge() does.
 */
#ifndef CORE_RELEASE_FILE_H
#define CORE_RELEASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct err;

#define RELEASE_MAX_BYTES (8u << 20)
#define RELEASE_MAX_ENTRIES 50000

struct release_entry {
    char *path; /* below dists/SUITE: "main/binary-amd64/Packages.xz"; path_is_safe() */
    int64_t size;
    char sha256[DIGEST_HEX_SIZE];
};

struct release_file {
    char *origin, *label, *suite, *codename, *version; /* NULL: not said */
    int64_t date, valid_until;                         /* wall ms; valid_until 0: not said */
    bool by_hash;
    bool separate_all;         /* packages for all architectures have an index of their own */
    struct release_entry *ptr; /* sorted by path */
    size_t len;
};

/* Date and SHA256 must be there.  ERR_INVALID with `name` and the line. */
int release_file_parse(const char *text, size_t len, const char *name, struct release_file *ret,
                       struct err **err);
const struct release_entry *release_file_find(const struct release_file *r, const char *path);
void release_file_release(struct release_file *r);
#define AUTO_RELEASE_FILE __attribute__((cleanup(release_file_release))) struct release_file

/* "Sat, 11 Jul 2026 10:02:43 UTC" (also GMT and +0000) in wall ms; -1 when it is no such date. */
int64_t release_date(const char *text);

struct release_rule {
    const char *suite;       /* as the source names it: must be the Suite or the Codename */
    int64_t now;             /* wall ms */
    int64_t seen;            /* Date of the newest that was believed before; 0: none */
    int64_t future_ms;       /* how far Date may lie ahead of us */
    bool ignore_valid_until; /* for mirrors that are frozen on purpose */
};

/*
 * ERR_DENIED: another suite's, from the future, expired, or older than what was seen before (a
 * replay).  The message says which, with both times.
 */
int release_judge(const struct release_file *r, const struct release_rule *rule, struct err **err);

#endif
