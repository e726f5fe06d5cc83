/*
 * scanner - what looks at a list of installed packages and says what is wrong with them, one ops
 * table a scanner ("built-in", "debsecan", "oscap").
 *
 * A scanner works on the host, from the list and from data that is at hand: nothing runs in the
 * guest, nothing is fetched, and the two sides of a patch are looked at the same way.  scan() may
 * be called by several threads at the same time.
 *
 * Adding one: one file in adapters/ with its table, one row in front/wire.c, one test, a fuzzer for
 * what it prints.
 */
#ifndef PORTS_SCANNER_H
#define PORTS_SCANNER_H

#include <stddef.h>

struct err;
struct package_list;
struct stop;
struct vulns;

enum severity {
    SEVERITY_UNKNOWN,
    SEVERITY_UNIMPORTANT,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
};
extern const char *const severity_names[]; /* NULL-terminated */

/* One vulnerability in one (source) package. */
struct finding {
    char *id;        /* "CVE-2024-5535", else the advisory's own: with package, unique in a list */
    char *package;   /* the source package, or a binary one when the data speaks of that */
    char *installed; /* its version */
    char *fixed_in;  /* NULL: no fix is known */
    char *binaries;  /* installed packages that are built from it, separated by a blank */
    char *advisory;  /* who says so: "DSA-5764-1", "DEBIAN-CVE-2024-5535" */
    char *source;    /* and where: the name of the feed or scanner */
    enum severity severity;
};

struct finding_list { /* sorted by id and package */
    struct finding *ptr;
    size_t len;
};

void finding_list_add(struct finding_list *l, const struct finding *f); /* copies */
void finding_list_sort(struct finding_list *l);
/* Sorts, and makes one of those that have id and package in common: the worse one, of the older
 * package by `order`, with the binaries of both. */
void finding_list_merge(struct finding_list *l, int (*order)(const char *a, const char *b));
void finding_list_release(struct finding_list *l);
void finding_release(struct finding *f);
#define AUTO_FINDING_LIST __attribute__((cleanup(finding_list_release))) struct finding_list

/* The data of a feed as it was fetched. */
struct scan_file {
    char *feed, *path, *digest;
    char *release; /* NULL: for any, it says so itself */
};

struct scan_task {
    const struct package_list *packages;
    const char *release;           /* as OSV calls it: "Debian:12" */
    const struct vulns *vulns;     /* for the scanner without a `feed_kind`: core/vulns.h */
    const struct scan_file *files; /* for the others: those of this release */
    size_t file_count;
    int (*order)(const char *a, const char *b); /* which version is newer; core/version.h */
    const struct stop *stop;
};

struct scanner {
    const char *name;
    const char *help;       /* one line */
    const char *feed_kind;  /* of the feeds whose files it reads; NULL: the rows of all feeds */
    const char *packages;   /* kind of packages that it knows ("deb"); NULL: any */
    const char *parameters; /* how it looks: the same words, the same way */
    /* Of the program, or NULL and ERR_NOT_FOUND when it is not installed; the caller frees. */
    char *(*version)(const struct stop *stop, struct err **err);
    /* `ret` is sorted, one finding for each id and package.  ERR_IO: the program failed;
     * ERR_INVALID: what it printed is not understood.  No findings are never a failure that nobody
     * saw. */
    int (*scan)(const struct scan_task *t, struct finding_list *ret, struct err **err);
};

#endif
