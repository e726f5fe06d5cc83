/* decode_kind - text, numbers, switches and lists of them; see decode_kind.h. */
#include "base/decode_kind.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "base/suggest.h"
#include "base/unit.h"
#include "base/utf8.h"

enum { TEXT_MAX = 4096, PROSE_MAX = 64 * 1024 };

struct ctx {
    const struct decoder *d;
    const struct node *n;
    const char *path;
    const struct field *f;
    struct err **err;
};

static bool is_null(const struct node *n)
{
    return n->plain && (!*n->text || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0);
}

/* What stands in the document, for messages: short and printable. */
static char *found(const struct node *n)
{
    if (n->kind == NODE_LIST)
        return xstrdup("a list");
    if (n->kind == NODE_MAP)
        return xstrdup("a map of keys");
    if (is_null(n))
        return xstrdup("nothing");
    AUTO_FREE char *cut = xstrndup(n->text, 60);
    AUTO_FREE char *shown = str_printable(cut, strlen(cut), false);
    return xasprintf("'%s'", shown);
}

static int mismatch(const struct ctx *c, const struct node *n, const char *expected)
{
    AUTO_FREE char *seen = found(n);

    return decode_error(c->d, n, c->path, c->err, "expected %s, found %s", expected, seen);
}

static int need_scalar(const struct ctx *c, const struct node *n, const char *expected)
{
    return n->kind == NODE_SCALAR && !is_null(n) ? 0 : mismatch(c, n, expected);
}

static int too_long(const struct ctx *c, const struct node *n, int max)
{
    return decode_error(c->d, n, c->path, c->err, "longer than %d bytes", max);
}

static int check_string(const struct ctx *c, const struct node *n, enum field_kind kind)
{
    int max = kind == FIELD_PROSE ? PROSE_MAX : TEXT_MAX;
    const char *expected = kind == FIELD_NAME     ? "a name of a-z, 0-9, '.', '_', '+', '~', '-'"
                           : kind == FIELD_PATH   ? "a relative path without '..'"
                           : kind == FIELD_SHA256 ? "a SHA-256 of 64 lower-case hex digits"
                           : kind == FIELD_PROSE  ? "text"
                                                  : "text of one line";

    if (need_scalar(c, n, expected) < 0)
        return -1;
    if (strlen(n->text) > (size_t)max)
        return too_long(c, n, max);
    if (!utf8_is_clean(n->text, kind == FIELD_PROSE)
        || (kind == FIELD_NAME && !name_is_valid(n->text))
        || (kind == FIELD_PATH && !path_is_safe(n->text))
        || (kind == FIELD_SHA256 && !digest_is_hex(n->text)))
        return mismatch(c, n, expected);
    return 0;
}

static int read_string(const struct ctx *c, void *target)
{
    char **text = target;

    if (check_string(c, c->n, c->f->kind) < 0)
        return -1;
    free(*text);
    *text = xstrdup(c->n->text);
    return 0;
}

static int read_strings(const struct ctx *c, void *target)
{
    enum field_kind kind = c->f->kind == FIELD_NAMES ? FIELD_NAME : FIELD_TEXT;
    struct strv *list = target;

    if (c->n->kind != NODE_LIST)
        return mismatch(c, c->n, "a list");
    strv_release(list);
    for (size_t i = 0; i < c->n->len; i++) {
        AUTO_FREE char *below = xasprintf("%s[%zu]", c->path, i);
        struct ctx item = *c;
        item.path = below;
        if (check_string(&item, c->n->items[i], kind) < 0)
            return -1;
        strv_add(list, c->n->items[i]->text);
    }
    return 0;
}

/* Only as plain text: "true" in quotes, like `yes`, is a slip that should not be guessed at. */
static int read_bool(const struct ctx *c, void *target)
{
    if (need_scalar(c, c->n, "true or false") < 0)
        return -1;
    bool yes = strcmp(c->n->text, "true") == 0;
    if (!c->n->plain || (!yes && strcmp(c->n->text, "false") != 0))
        return mismatch(c, c->n, "true or false without quotes");
    *(bool *)target = yes;
    return 0;
}

static int parse_number(const struct ctx *c, int64_t *ret, struct err **err)
{
    switch (c->f->kind) {
    case FIELD_SIZE:
        return unit_parse_size(c->n->text, ret, err);
    case FIELD_DURATION:
        return unit_parse_duration(c->n->text, ret, err);
    default:
        return unit_parse_int(c->n->text, 0, INT64_MAX, ret, err);
    }
}

static int out_of_range(const struct ctx *c)
{
    AUTO_FREE char *seen = found(c->n);
    AUTO_FREE char *min = NULL;
    AUTO_FREE char *max = NULL;

    if (c->f->kind == FIELD_SIZE) {
        min = unit_size(c->f->min);
        max = unit_size(c->f->max);
    } else if (c->f->kind == FIELD_DURATION) {
        min = unit_duration(c->f->min);
        max = unit_duration(c->f->max);
    } else {
        min = xasprintf("%ld", c->f->min);
        max = xasprintf("%ld", c->f->max);
    }
    return decode_error(c->d, c->n, c->path, c->err, "expected from %s to %s, found %s", min, max,
                        seen);
}

static int read_number(const struct ctx *c, void *target)
{
    const char *expected = c->f->kind == FIELD_SIZE       ? "a size such as 512MiB or 3GiB"
                           : c->f->kind == FIELD_DURATION ? "a duration such as 90s, 5m or 2h"
                                                          : "a whole number";
    AUTO_ERR inner = NULL;
    int64_t value;

    if (need_scalar(c, c->n, expected) < 0)
        return -1;
    if ((c->f->kind == FIELD_INT && !c->n->plain) || parse_number(c, &value, &inner) < 0)
        return mismatch(c, c->n, expected);
    if ((c->f->min || c->f->max) && (value < c->f->min || value > c->f->max))
        return out_of_range(c);
    *(int64_t *)target = value;
    return 0;
}

static int find_name(const struct ctx *c, const struct node *n, int *ret)
{
    const char *const *names = c->f->names;
    const char *guess = NULL;
    AUTO_STR list = STR_INIT(TEXT_MAX);

    str_add(&list, "one of ");
    for (int i = 0; names[i]; i++) {
        if (n->kind == NODE_SCALAR && strcmp(n->text, names[i]) == 0) {
            *ret = i;
            return 0;
        }
        str_addf(&list, "%s%s", i ? ", " : "", names[i]);
        if (n->kind == NODE_SCALAR && suggest_is_near(n->text, suggest_distance(n->text, names[i])))
            guess = names[i];
    }
    mismatch(c, n, list.ptr);
    return guess ? err_hint(c->err, "did you mean '%s'?", guess) : -1;
}

static int read_enum(const struct ctx *c, void *target)
{
    int i;

    if (find_name(c, c->n, &i) < 0)
        return -1;
    *(int *)target = i;
    return 0;
}

static int read_enums(const struct ctx *c, void *target)
{
    unsigned bits = 0;
    int bit;

    if (c->n->kind != NODE_LIST)
        return mismatch(c, c->n, "a list");
    for (size_t i = 0; i < c->n->len; i++) {
        AUTO_FREE char *below = xasprintf("%s[%zu]", c->path, i);
        struct ctx item = *c;
        item.path = below;
        if (find_name(&item, c->n->items[i], &bit) < 0)
            return -1;
        bits |= 1u << bit;
    }
    *(unsigned *)target = bits;
    return 0;
}

static int read_custom(const struct ctx *c, void *target)
{
    return c->f->decode(c->d, c->n, c->path, target, c->err);
}

static int (*const readers[])(const struct ctx *c, void *target) = {
    [FIELD_TEXT] = read_string,   [FIELD_PROSE] = read_string,  [FIELD_NAME] = read_string,
    [FIELD_PATH] = read_string,   [FIELD_SHA256] = read_string, [FIELD_BOOL] = read_bool,
    [FIELD_INT] = read_number,    [FIELD_SIZE] = read_number,   [FIELD_DURATION] = read_number,
    [FIELD_TEXTS] = read_strings, [FIELD_NAMES] = read_strings, [FIELD_ENUM] = read_enum,
    [FIELD_ENUMS] = read_enums,   [FIELD_CUSTOM] = read_custom,
};

int decode_value(const struct decoder *d, const struct node *n, const char *path,
                 const struct field *f, void *target, struct err **err)
{
    const struct ctx c = { d, n, path, f, err };

    return readers[f->kind](&c, target);
}
