/*
 * node - YAML (and so JSON) text into a tree, through libyaml's event parser; see base/node.h.
 *
 * libyaml hands over one event at a time, so a document that passes a limit is refused when the
 * limit is reached, not after it has been read.
 */
#include "base/node.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node_map.h"
#include "base/str.h"
#include "base/utf8.h"

#define AUTO_EVENT __attribute__((cleanup(yaml_event_delete))) yaml_event_t

struct reader {
    yaml_parser_t yaml;
    const char *name, *text;
    int depth, nodes;
};

static int fail(const struct reader *r, size_t line, struct err **err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int fail(const struct reader *r, size_t line, struct err **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    AUTO_FREE char *what = xvasprintf(fmt, ap);
    va_end(ap);
    return err_set(err, ERR_INVALID, "%s:%zu: %s", r->name, line, what);
}

static size_t line_of(const yaml_event_t *e)
{
    return e->start_mark.line + 1;
}

static size_t line_at(const char *text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static int next(struct reader *r, yaml_event_t *ret, struct err **err)
{
    const yaml_parser_t *y = &r->yaml;

    if (yaml_parser_parse(&r->yaml, ret))
        return 0;
    const char *problem = y->problem ? y->problem : "not valid YAML";
    if (y->error == YAML_READER_ERROR) /* has an offset, but no mark */
        return fail(r, line_at(r->text, y->problem_offset), err, "%s", problem);
    if (y->context)
        return fail(r, y->problem_mark.line + 1, err, "%s: %s", y->context, problem);
    return fail(r, y->problem_mark.line + 1, err, "%s", problem);
}

static int check_scalar(const struct reader *r, const yaml_event_t *e, struct err **err)
{
    if (e->data.scalar.anchor)
        return fail(r, line_of(e), err, "anchors are not allowed");
    if (e->data.scalar.tag)
        return fail(r, line_of(e), err, "tags are not allowed");
    if (memchr(e->data.scalar.value, 0, e->data.scalar.length))
        return fail(r, line_of(e), err, "a NUL character is not allowed");
    return 0;
}

static int check_collection(const struct reader *r, const yaml_event_t *e, const void *anchor,
                            const void *tag, struct err **err)
{
    if (anchor)
        return fail(r, line_of(e), err, "anchors are not allowed");
    if (tag)
        return fail(r, line_of(e), err, "tags are not allowed");
    if (r->depth == NODE_MAX_DEPTH)
        return fail(r, line_of(e), err, "nested deeper than %d levels", NODE_MAX_DEPTH);
    return 0;
}

static int check(struct reader *r, const yaml_event_t *e, struct err **err)
{
    if (++r->nodes > NODE_MAX_NODES)
        return fail(r, line_of(e), err, "more than %d values", NODE_MAX_NODES);
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return check_scalar(r, e, err);
    case YAML_SEQUENCE_START_EVENT:
        return check_collection(r, e, e->data.sequence_start.anchor, e->data.sequence_start.tag,
                                err);
    case YAML_MAPPING_START_EVENT:
        return check_collection(r, e, e->data.mapping_start.anchor, e->data.mapping_start.tag, err);
    case YAML_ALIAS_EVENT:
        return fail(r, line_of(e), err, "aliases are not allowed");
    default:
        return fail(r, line_of(e), err, "a value is missing");
    }
}

static struct node *read_value(struct reader *r, const yaml_event_t *first, struct err **err);

static struct node *node_new(enum node_kind kind, const yaml_event_t *e)
{
    struct node *n = xcalloc(1, sizeof(*n));

    n->kind = kind;
    n->line = (int)line_of(e);
    return n;
}

static struct node *scalar_new(const yaml_event_t *e)
{
    struct node *n = node_new(NODE_SCALAR, e);

    n->text = xstrdup((const char *)e->data.scalar.value);
    n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return n;
}

/* Reads one item; 0 when the list ended instead, -1 on an error. */
static int read_item(struct reader *r, struct node *list, struct err **err)
{
    AUTO_EVENT e = { 0 };

    if (next(r, &e, err) < 0)
        return -1;
    if (e.type == YAML_SEQUENCE_END_EVENT)
        return 0;
    struct node *item = read_value(r, &e, err);
    if (!item)
        return -1;
    node_add_item(list, item);
    return 1;
}

static int read_next(struct reader *r, struct node **ret, struct err **err)
{
    AUTO_EVENT e = { 0 };

    if (next(r, &e, err) < 0)
        return -1;
    *ret = read_value(r, &e, err);
    return *ret ? 0 : -1;
}

static int read_member(struct reader *r, struct node *map, struct err **err)
{
    AUTO_EVENT e = { 0 };
    struct node *value;

    if (next(r, &e, err) < 0)
        return -1;
    if (e.type == YAML_MAPPING_END_EVENT)
        return 0;
    if (check(r, &e, err) < 0)
        return -1;
    if (e.type != YAML_SCALAR_EVENT)
        return fail(r, line_of(&e), err, "a key must be plain text");
    if (read_next(r, &value, err) < 0)
        return -1;
    node_add_member(map, (const char *)e.data.scalar.value, (int)line_of(&e), value);
    return 1;
}

static int check_keys(const struct reader *r, const struct node *map, struct err **err)
{
    size_t i;

    if (!node_find_duplicate(map, &i))
        return 0;
    AUTO_FREE char *key = str_printable(map->keys[i], strlen(map->keys[i]), false);
    return fail(r, (size_t)map->key_lines[i], err, "key '%s' is given twice", key);
}

static int read_content(struct reader *r, struct node *n, struct err **err)
{
    int more;

    r->depth++;
    do
        more = n->kind == NODE_LIST ? read_item(r, n, err) : read_member(r, n, err);
    while (more > 0);
    r->depth--;
    if (more == 0 && n->kind == NODE_MAP)
        return check_keys(r, n, err);
    return more;
}

/* Recursive, but check() bounds the depth. */
static struct node *read_value(struct reader *r, const yaml_event_t *first, struct err **err)
{
    if (check(r, first, err) < 0)
        return NULL;
    if (first->type == YAML_SCALAR_EVENT)
        return scalar_new(first);
    bool list = first->type == YAML_SEQUENCE_START_EVENT;
    AUTO_NODE n = node_new(list ? NODE_LIST : NODE_MAP, first);
    if (read_content(r, n, err) < 0)
        return NULL;
    return TAKE(n);
}

static int expect(struct reader *r, yaml_event_type_t type, const char *otherwise, struct err **err)
{
    AUTO_EVENT e = { 0 };

    if (next(r, &e, err) < 0)
        return -1;
    if (e.type != type)
        return fail(r, line_of(&e), err, "%s", otherwise);
    return 0;
}

static struct node *read_document(struct reader *r, struct err **err)
{
    static const char empty[] = "the document is empty";
    AUTO_NODE root = NULL;

    if (expect(r, YAML_STREAM_START_EVENT, empty, err) < 0
        || expect(r, YAML_DOCUMENT_START_EVENT, empty, err) < 0 || read_next(r, &root, err) < 0)
        return NULL;
    if (root->kind == NODE_SCALAR && root->plain && !*root->text) {
        fail(r, (size_t)root->line, err, "%s", empty);
        return NULL;
    }
    if (expect(r, YAML_DOCUMENT_END_EVENT, "the document does not end", err) < 0
        || expect(r, YAML_STREAM_END_EVENT, "only one document is allowed", err) < 0)
        return NULL;
    return TAKE(root);
}

static int check_text(const struct reader *r, size_t len, struct err **err)
{
    uint32_t c;
    size_t n;

    if (len > NODE_MAX_BYTES)
        return err_set(err, ERR_INVALID, "%s: larger than %u bytes", r->name, NODE_MAX_BYTES);
    for (size_t at = 0; at < len; at += n) {
        n = utf8_next(r->text + at, len - at, &c);
        if (n == 0)
            return fail(r, line_at(r->text, at), err, "not valid UTF-8");
    }
    return 0;
}

struct node *node_parse(const char *text, size_t len, const char *name, struct err **err)
{
    struct reader r = { .name = name, .text = text };

    if (check_text(&r, len, err) < 0)
        return NULL;
    if (!yaml_parser_initialize(&r.yaml)) {
        err_set(err, ERR_NO_ROOM, "%s: cannot start the YAML parser", name);
        return NULL;
    }
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, len);
    struct node *root = read_document(&r, err);
    yaml_parser_delete(&r.yaml);
    return root;
}

struct node *node_read(const char *path, struct err **err)
{
    size_t len;
    AUTO_FREE char *text = file_read(path, NODE_MAX_BYTES, &len, err);

    return text ? node_parse(text, len, path, err) : NULL;
}
