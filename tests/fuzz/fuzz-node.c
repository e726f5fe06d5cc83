/*
 * fuzz-node - parses any bytes as YAML and decodes what comes out against a table with every kind
 * of field.  Whatever the bytes: an error with a message, or a tree within the limits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "must.h"

static const char *const words[] = { "pass", "fail", "review", NULL };

struct sample {
    char *name, *text, *prose, *path, *digest, *inner;
    bool on;
    int64_t count, size, time;
    struct strv texts, names;
    int word;
    unsigned set;
};

static int decode_check(const struct decoder *d, const struct node *n, const char *path, void *arg,
                        struct err **err)
{
    char *id = NULL;
    const struct field fields[] = {
        { "id", FIELD_NAME, 0, .required = true },
        { 0 },
    };

    (void)arg;
    int rc = decode_map(d, n, path, fields, &id, err);
    free(id);
    return rc;
}

static int decode_checks(const struct decoder *d, const struct node *n, const char *path,
                         void *target, struct err **err)
{
    return decode_list(d, n, path, decode_check, target, err);
}

#define AT(member) offsetof(struct sample, member)
static const struct field fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "text", FIELD_TEXT, AT(text) },
    { "prose", FIELD_PROSE, AT(prose) },
    { "path", FIELD_PATH, AT(path) },
    { "digest", FIELD_SHA256, AT(digest) },
    { "on", FIELD_BOOL, AT(on) },
    { "count", FIELD_INT, AT(count), .min = 1, .max = 64 },
    { "size", FIELD_SIZE, AT(size), .min = 1024, .max = 1 << 30 },
    { "time", FIELD_DURATION, AT(time) },
    { "texts", FIELD_TEXTS, AT(texts) },
    { "names", FIELD_NAMES, AT(names) },
    { "word", FIELD_ENUM, AT(word), .names = words },
    { "set", FIELD_ENUMS, AT(set), .names = words },
    { "checks", FIELD_CUSTOM, AT(inner), .decode = decode_checks },
    { 0 },
};

static void sample_release(struct sample *s)
{
    char *const texts[] = { s->name, s->text, s->prose, s->path, s->digest };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    strv_release(&s->texts);
    strv_release(&s->names);
}

static size_t depth_of(const struct node *n)
{
    size_t deepest = 0;

    for (size_t i = 0; i < n->len; i++) {
        size_t below = depth_of(n->items[i]);
        deepest = below > deepest ? below : deepest;
    }
    return deepest + (n->kind != NODE_SCALAR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct decoder d = { "fuzz.yaml" };
    AUTO_ERR e = NULL;
    AUTO_NODE n = node_parse((const char *)data, size, "fuzz.yaml", &e);
    struct sample s = { 0 };

    must(!n == !!e);
    if (!n)
        return 0;
    must(depth_of(n) <= NODE_MAX_DEPTH);
    int rc = decode_map(&d, n, "", fields, &s, &e);
    must((rc == 0) == !e && (rc != 0 || name_is_valid(s.name)));
    sample_release(&s);
    if (e)
        must(str_starts(e->msg, "fuzz.yaml:") && !strpbrk(e->msg, "\x1b\n"));
    return 0;
}
