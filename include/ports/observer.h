/*
 * observer - looks at everything in a guest that a check may not know of, at one moment.
 *
 * What is seen is a list of items: a kind ("unit", "socket", "file", ...), a key that is unique in
 * its kind ("nginx.service"), and a value ("loaded active running").  All text is valid UTF-8 of
 * hostile origin; an observation has at most OBSERVATION_MAX items of at most SEEN_TEXT_MAX bytes.
 *
 * There is one, adapters/observe.h; what it looks at is a table there.
 */
#ifndef PORTS_OBSERVER_H
#define PORTS_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct guest;
struct stop;

enum { OBSERVATION_MAX = 1000000, SEEN_TEXT_MAX = 4096 };

struct seen {
    const char *kind; /* a literal */
    char *key;
    char *value;
    /* Of files: when the content was last written, and what it is.  There is a digest when the
     * file was touched since the lane began; two files with digests are compared by them. */
    char *written; /* NULL: not a regular file */
    char *digest;  /* NULL: not touched, too large, or not a regular file */
    bool touched;  /* false: as it is in the image */
};

/* A file that an installed package brought. */
struct owned {
    char *path, *package;
};

struct observation { /* items sorted by kind and key, owned files by path and package */
    struct seen *ptr;
    size_t len;
    struct owned *owned;
    size_t owned_len;
};

struct observer_ops {
    const char *name;
    /* `touched_ms`: how long ago the guest's disk was as it is in the image.  Errors are those of
     * a guest's exec(), and ERR_INVALID when what the guest says is not understood. */
    int (*observe)(struct guest *g, int64_t touched_ms, const struct stop *stop,
                   struct observation *ret, struct err **err);
};

/* The literal of this name, or NULL: "package", "unit", ... */
const char *seen_kind(const char *name);

/* Copies; the item may be changed until the next one is added. */
struct seen *observation_add(struct observation *o, const char *kind, const char *key,
                             const char *value);
void observation_add_owned(struct observation *o, const char *path, const char *package);
void observation_sort(struct observation *o);
void seen_release(struct seen *s);
int seen_order(const struct seen *a, const struct seen *b); /* by kind and key */
void observation_release(struct observation *o);
#define AUTO_OBSERVATION __attribute__((cleanup(observation_release))) struct observation

#endif
