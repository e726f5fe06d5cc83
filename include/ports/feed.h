/*
 * feed - the formats of vulnerability data, one ops table a kind ("osv", "debian-tracker").
 *
 * A format reads a file (or a directory of files) and hands each statement to a sink as it comes
 * to it, so that even a large file needs little memory.  What the statements mean is decided
 * behind the sink (core/feed.h); a format only knows the syntax.
 *
 * Data is hostile: each format has limits, and its errors name file and place.  Texts that are
 * handed over are valid UTF-8 without control characters and of at most FEED_TEXT_MAX bytes.
 *
 * Adding a kind: one file in adapters/ with its table, one row in adapters/feeds.c, a fuzzer.
 */
#ifndef PORTS_FEED_H
#define PORTS_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "ports/scanner.h"

struct err;
struct stop;

#define FEED_TEXT_MAX 512

enum feed_event_type { FEED_INTRODUCED, FEED_FIXED, FEED_LAST_AFFECTED, FEED_LIMIT };

struct feed_event {
    enum feed_event_type type;
    char *version; /* "0" for introduced: from the very first on */
};

struct feed_range { /* events in any order; the algorithm is OSV's */
    struct feed_event *ptr;
    size_t len;
};

enum feed_names { FEED_NAMES_SOURCE, FEED_NAMES_BINARY, FEED_NAMES_EITHER };

/* "These versions of this package have these vulnerabilities." */
struct feed_affected {
    const char *advisory;    /* id of the record */
    const struct strv *cves; /* what it is about; may be empty: the advisory itself */
    const char *ecosystem;   /* "Debian:12" */
    const char *package;
    enum feed_names names; /* what `package` names */
    enum severity severity;
    const struct feed_range *ranges;
    size_t range_count;
    const struct strv *versions; /* affected, too; may be NULL */
    const struct strv *spared;   /* never affected, whatever the ranges say; may be NULL */
};

/* "This is used by attackers." */
struct feed_exploited {
    const char *cve, *name;
    const char *added, *due; /* "2026-11-24"; due: may be NULL */
    bool ransomware;
};

/* "So likely is an attack within 30 days." */
struct feed_likelihood {
    const char *cve;
    int score; /* in 1/100,000 */
};

struct feed_sink {
    int (*affected)(void *arg, const struct feed_affected *a, struct err **err);
    int (*exploited)(void *arg, const struct feed_exploited *x, struct err **err);
    int (*likelihood)(void *arg, const struct feed_likelihood *l, struct err **err);
    void (*dated)(void *arg, const char *when); /* "2026-11-24..."; the newest one counts */
    void *arg;
};

struct feed_input {
    const char *path;    /* a file, or a directory when the format takes one */
    const char *release; /* what the user said of data that does not say it: "Debian:12" */
    const struct stop *stop;
};

struct feed_format {
    const char *kind;
    const char *help; /* one line */
    bool takes_tree;  /* a directory, or an archive that the caller has unpacked */
    bool needs_release;
    bool keeps; /* the file itself is kept as a blob: scanners read it (ports/scanner.h) */
    int (*read)(const struct feed_input *in, const struct feed_sink *sink, struct err **err);
};

void feed_range_add(struct feed_range *r, enum feed_event_type type, const char *version);
void feed_range_release(struct feed_range *r);
#define AUTO_FEED_RANGE __attribute__((cleanup(feed_range_release))) struct feed_range

#endif
