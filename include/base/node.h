/*
 * node - a parsed document: YAML or JSON text as a tree that remembers its lines.
 *
 * Scalars stay text; what type they are is decided by who decodes them (decode.h), so a version
 * "1.10" stays 1.10 and a name "no" stays no.  Documents are hostile: at most NODE_MAX_BYTES of
 * text, NODE_MAX_DEPTH levels, NODE_MAX_NODES nodes; anchors, aliases, tags, several documents,
 * duplicate keys, keys that are not scalars and invalid UTF-8 are errors with file and line.
 * JSON is read as YAML, with one exception: a character beyond U+FFFF must be written as itself,
 * not as a pair of \u escapes.
 */
#ifndef BASE_NODE_H
#define BASE_NODE_H

#include <stdbool.h>
#include <stddef.h>

struct err;

#define NODE_MAX_BYTES (4u << 20)
#define NODE_MAX_DEPTH 32
#define NODE_MAX_NODES 100000

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    int line;            /* 1-based; where it begins */
    char *text;          /* scalar: never NULL */
    bool plain;          /* scalar: written without quotes (so that `null` and "null" differ) */
    struct node **items; /* list: its items; map: its values */
    char **keys;         /* map: its keys, beside items */
    int *key_lines;
    size_t len;
};

/* `name` stands in messages ("image.yaml:7: ...").  An empty document is an error. */
struct node *node_parse(const char *text, size_t len, const char *name, struct err **err);
struct node *node_read(const char *path, struct err **err);
struct node *node_get(const struct node *map, const char *key); /* NULL when absent */
void node_free(struct node *n);

static inline void node_freep(struct node **n)
{
    node_free(*n);
}
#define AUTO_NODE __attribute__((cleanup(node_freep))) struct node *

#endif
