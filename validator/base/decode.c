/* decode - maps and lists against a table of fields; see base/decode.h. */
#include "base/decode.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/decode_kind.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "base/suggest.h"

int decode_error(const struct decoder *d, const struct node *n, const char *path, struct err **err,
                 const char *fmt, ...)
{
    /* The path may hold a key of a hostile document. */
    AUTO_FREE char *shown = str_printable(path, strlen(path), false);
    va_list ap;

    va_start(ap, fmt);
    AUTO_FREE char *what = xvasprintf(fmt, ap);
    va_end(ap);
    if (!*path)
        return err_set(err, ERR_INVALID, "%s:%d: %s", d->file, n->line, what);
    return err_set(err, ERR_INVALID, "%s:%d: key '%s': %s", d->file, n->line, shown, what);
}

static char *path_of(const char *path, const char *key)
{
    return *path ? xasprintf("%s.%s", path, key) : xstrdup(key);
}

static const struct field *find(const struct field *fields, const char *key)
{
    for (const struct field *f = fields; f->key; f++)
        if (strcmp(f->key, key) == 0)
            return f;
    return NULL;
}

static const char *nearest(const struct field *fields, const char *key)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;

    for (const struct field *f = fields; f->key; f++) {
        size_t distance = suggest_distance(key, f->key);
        if (distance < least) {
            least = distance;
            best = f->key;
        }
    }
    return suggest_is_near(key, least) ? best : NULL;
}

static char *known_keys(const struct field *fields)
{
    AUTO_STRV keys = { 0 };

    for (const struct field *f = fields; f->key; f++)
        strv_add(&keys, f->key);
    return strv_join(&keys, ", ");
}

static int unknown_key(const struct decoder *d, const struct node *map, size_t i, const char *path,
                       const struct field *fields, struct err **err)
{
    const char *guess = nearest(fields, map->keys[i]);
    /* The key's own line: its value may begin further down. */
    const struct node at = { .line = map->key_lines[i] };

    if (guess)
        return decode_error(d, &at, path, err, "unknown key, did you mean '%s'?", guess);
    AUTO_FREE char *known = known_keys(fields);
    decode_error(d, &at, path, err, "unknown key");
    return err_hint(err, "known keys here: %s", known);
}

static int decode_member(const struct decoder *d, const struct node *map, size_t i,
                         const char *path, const struct field *fields, void *target,
                         struct err **err)
{
    AUTO_FREE char *below = path_of(path, map->keys[i]);
    const struct field *f = find(fields, map->keys[i]);

    if (!f)
        return unknown_key(d, map, i, below, fields, err);
    return decode_value(d, map->items[i], below, f, (char *)target + f->offset, err);
}

int decode_map(const struct decoder *d, const struct node *map, const char *path,
               const struct field *fields, void *target, struct err **err)
{
    if (map->kind != NODE_MAP)
        return decode_error(d, map, path, err, "expected a map of keys, found %s",
                            map->kind == NODE_LIST ? "a list" : "text");
    for (size_t i = 0; i < map->len; i++)
        if (decode_member(d, map, i, path, fields, target, err) < 0)
            return -1;
    for (const struct field *f = fields; f->key; f++) {
        if (!f->required || node_get(map, f->key))
            continue;
        AUTO_FREE char *below = path_of(path, f->key);
        return decode_error(d, map, below, err, "required, but missing");
    }
    return 0;
}

int decode_list(const struct decoder *d, const struct node *list, const char *path,
                int (*each)(const struct decoder *d, const struct node *item, const char *path,
                            void *arg, struct err **err),
                void *arg, struct err **err)
{
    if (list->kind != NODE_LIST)
        return decode_error(d, list, path, err, "expected a list, found %s",
                            list->kind == NODE_MAP ? "a map of keys" : "text");
    for (size_t i = 0; i < list->len; i++) {
        AUTO_FREE char *below = xasprintf("%s[%zu]", path, i);
        if (each(d, list->items[i], below, arg, err) < 0)
            return -1;
    }
    return 0;
}

bool name_is_valid(const char *s)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789._+~-";
    size_t len = strlen(s);

    return len >= 1 && len <= 128 && strchr(first, s[0]) && strspn(s, rest) == len;
}
