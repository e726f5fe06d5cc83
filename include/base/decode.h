/*
 * decode - strict, table-driven reading of a node tree into a struct.
 *
 * A format is an array of fields, one row a key.  decode_map() refuses an unknown key (and names
 * the nearest known one), a missing required key and a wrong type; each message is
 * "FILE:LINE: key 'a.b': what was expected, what was found".
 *
 *     static const struct field fields[] = {
 *         { "name", FIELD_NAME, offsetof(struct image_spec, name), .required = true },
 *         { "memory", FIELD_SIZE, offsetof(struct image_spec, memory) },
 *         { 0 },
 *     };
 *
 * Targets are written in the order of the document; a key that is absent leaves its target as the
 * caller initialised it (that is how defaults are given; an owned string default must be heap).
 * After an error the caller releases the struct as usual.
 */
#ifndef BASE_DECODE_H
#define BASE_DECODE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct node;

enum field_kind {
    FIELD_TEXT,     /* char *: any text of at most 4096 bytes, one line */
    FIELD_PROSE,    /* char *: any text of at most 64 KiB, several lines */
    FIELD_NAME,     /* char *: [a-z0-9][a-z0-9._+~-]{0,127}, an identifier */
    FIELD_PATH,     /* char *: path_is_safe() */
    FIELD_SHA256,   /* char *: 64 hex digits */
    FIELD_BOOL,     /* bool: true or false */
    FIELD_INT,      /* int64_t: within min..max (0..0 = any) */
    FIELD_SIZE,     /* int64_t bytes: unit_parse_size() */
    FIELD_DURATION, /* int64_t ms: unit_parse_duration() */
    FIELD_TEXTS,    /* struct strv: list of FIELD_TEXT */
    FIELD_NAMES,    /* struct strv: list of FIELD_NAME */
    FIELD_ENUM,     /* int: index in .names */
    FIELD_ENUMS,    /* unsigned: bit set of indexes in .names */
    FIELD_CUSTOM,   /* .decode is called with the node */
};

struct decoder {
    const char *file; /* in messages */
};

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
    bool required;
    long min, max;            /* FIELD_INT, FIELD_SIZE (bytes), FIELD_DURATION (ms) */
    const char *const *names; /* FIELD_ENUM(S): NULL-terminated */
    int (*decode)(const struct decoder *d, const struct node *n, const char *path, void *target,
                  struct err **err); /* FIELD_CUSTOM: target = base + offset */
};

/* `path` is the key path of `map` for messages, "" at the top. */
int decode_map(const struct decoder *d, const struct node *map, const char *path,
               const struct field *fields, void *target, struct err **err);

/* Calls `each` for every item of a list, with the path "path[0]", ... */
int decode_list(const struct decoder *d, const struct node *list, const char *path,
                int (*each)(const struct decoder *d, const struct node *item, const char *path,
                            void *arg, struct err **err),
                void *arg, struct err **err);

/* "FILE:LINE: key 'path': " + fmt, ERR_INVALID; for checks that follow the decoding. */
int decode_error(const struct decoder *d, const struct node *n, const char *path, struct err **err,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

bool name_is_valid(const char *s); /* the rule of FIELD_NAME */

#endif
