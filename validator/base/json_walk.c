/* json_walk - finds the values of an object or an array; see base/json_walk.h. */
#include "base/json_walk.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"

enum { KEY_MAX = 4096 };

struct walker {
    const char *begin, *ptr, *end;
    const char *name;
};

static int fail(const struct walker *w, const char *expected, struct err **err)
{
    return err_set(err, ERR_INVALID, "%s: byte %zu: %s expected", w->name,
                   (size_t)(w->ptr - w->begin), expected);
}

static void skip_blank(struct walker *w)
{
    while (w->ptr < w->end && *w->ptr && strchr(" \t\r\n", *w->ptr))
        w->ptr++;
}

static bool is_at(const struct walker *w, char c)
{
    return w->ptr < w->end && *w->ptr == c;
}

/* Behind the closing quote; an escaped character is never a quote. */
static int skip_string(struct walker *w, struct err **err)
{
    for (w->ptr++; w->ptr < w->end && *w->ptr != '"'; w->ptr++) {
        if (*w->ptr == '\\')
            w->ptr++;
    }
    if (w->ptr >= w->end) {
        w->ptr = w->end;
        return fail(w, "'\"'", err);
    }
    w->ptr++;
    return 0;
}

static int skip_nested(struct walker *w, struct err **err)
{
    size_t depth = 0;

    do {
        if (w->ptr >= w->end)
            return fail(w, "'}' or ']'", err);
        if (*w->ptr == '"') {
            if (skip_string(w, err) < 0)
                return -1;
            continue;
        }
        depth += *w->ptr == '{' || *w->ptr == '[';
        depth -= *w->ptr == '}' || *w->ptr == ']';
        w->ptr++;
    } while (depth > 0);
    return 0;
}

static int skip_value(struct walker *w, struct err **err)
{
    const char *begin = w->ptr;

    if (is_at(w, '"'))
        return skip_string(w, err);
    if (is_at(w, '{') || is_at(w, '['))
        return skip_nested(w, err);
    while (w->ptr < w->end && *w->ptr && !strchr(" \t\r\n,]}", *w->ptr))
        w->ptr++;
    return w->ptr == begin ? fail(w, "a value", err) : 0;
}

/* The text of a key, decoded; the caller frees. */
static char *take_key(struct walker *w, struct err **err)
{
    const char *begin = w->ptr;

    if (!is_at(w, '"')) {
        fail(w, "a key", err);
        return NULL;
    }
    if (skip_string(w, err) < 0)
        return NULL;
    AUTO_JSON *key = json_parse(begin, (size_t)(w->ptr - begin), KEY_MAX, w->name, err);
    if (!key)
        return NULL;
    char *text = xstrdup(json_string_value(key));
    skip_blank(w);
    if (!is_at(w, ':')) {
        mem_freep(&text);
        fail(w, "':'", err);
        return NULL;
    }
    w->ptr++;
    skip_blank(w);
    return text;
}

static int take_member(struct walker *w, bool has_keys, json_walk_each *each, void *arg,
                       struct err **err)
{
    AUTO_FREE char *key = has_keys ? take_key(w, err) : NULL;
    const char *begin = w->ptr;

    if ((has_keys && !key) || skip_value(w, err) < 0)
        return -1;
    return each(arg, key, begin, (size_t)(w->ptr - begin), err);
}

static int walk_members(struct walker *w, json_walk_each *each, void *arg, struct err **err)
{
    bool has_keys = is_at(w, '{');
    char end = has_keys ? '}' : ']';

    w->ptr++;
    skip_blank(w);
    while (!is_at(w, end)) {
        if (take_member(w, has_keys, each, arg, err) < 0)
            return -1;
        skip_blank(w);
        if (is_at(w, end))
            break;
        if (!is_at(w, ','))
            return fail(w, has_keys ? "',' or '}'" : "',' or ']'", err);
        w->ptr++;
        skip_blank(w);
        if (is_at(w, end))
            return fail(w, has_keys ? "a key" : "a value", err);
    }
    w->ptr++;
    return 0;
}

int json_walk(const char *text, size_t len, const char *name, json_walk_each *each, void *arg,
              struct err **err)
{
    struct walker w = { text, text, text + len, name };

    skip_blank(&w);
    if (!is_at(&w, '{') && !is_at(&w, '['))
        return fail(&w, "'{' or '['", err);
    if (walk_members(&w, each, arg, err) < 0)
        return -1;
    skip_blank(&w);
    return w.ptr == w.end ? 0 : fail(&w, "the end", err);
}

char json_first(const char *text, size_t len)
{
    struct walker w = { text, text, text + len, "" };

    skip_blank(&w);
    return w.ptr < w.end ? *w.ptr : '\0';
}
