/*
 * xml_walk - reads XML from strangers, one element after the other, and refuses what no result or
 * definition needs: a document type, hence entities of its own, and anything beyond the limits.
 *
 * Names are local names, without prefix; an element's name space is beside it.  Texts are valid
 * UTF-8 without the control characters that XML forbids; others (U+0085) may be in them.
 */
#ifndef VALIDATOR_ADAPTERS_XML_WALK_H
#define VALIDATOR_ADAPTERS_XML_WALK_H

#include <stddef.h>

struct err;
struct stop;

#define XML_NAME_MAX 256
#define XML_ATTRS_MAX 64

struct xml_limits {
    size_t bytes;    /* of the document */
    size_t depth;    /* of elements in each other */
    size_t elements; /* all together */
};

struct xml_element {
    const char *name;         /* valid within the call, as all here */
    const char *space;        /* its name space; "" */
    size_t depth;             /* 1: the root */
    size_t line;              /* where it begins; for close(), where it ends */
    const char *const *attrs; /* see xml_attr(); NULL for close() */
};

/* Any may be NULL.  -1 stops the walk with the error that was set. */
struct xml_sink {
    int (*open)(void *arg, const struct xml_element *e, struct err **err);
    /* What stands directly in the element that was opened last, in pieces. */
    int (*text)(void *arg, const char *text, size_t len, struct err **err);
    int (*close)(void *arg, const struct xml_element *e, struct err **err);
};

/* `name` stands in messages: "NAME:17: ...".  ERR_INVALID, ERR_CANCELLED when `stop` (or NULL) was
 * raised, or what the sink said. */
int xml_walk(const char *text, size_t len, const char *name, const struct xml_limits *limits,
             const struct xml_sink *sink, void *arg, const struct stop *stop, struct err **err);

/* The value of an attribute without a prefix; NULL when there is none. */
const char *xml_attr(const struct xml_element *e, const char *name);

#endif
