/* observer_data - life cycle of what was seen in a guest; see port_data.c. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ports/observer.h"

const char *seen_kind(const char *name)
{
    static const char *const kinds[] = { "package", "unit",    "timer", "socket", "user",
                                         "group",   "setuid",  "cron",  "sysctl", "module",
                                         "config",  "journal", "file" };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_eq(kinds[i], name))
            return kinds[i];
    }
    return NULL;
}

struct seen *observation_add(struct observation *o, const char *kind, const char *key,
                             const char *value)
{
    o->ptr = xgrow(o->ptr, o->len, sizeof(*o->ptr));
    o->ptr[o->len++] = (struct seen){
        .kind = kind,
        .key = xstrdup(key),
        .value = xstrdup(value),
        .touched = true,
    };
    return &o->ptr[o->len - 1];
}

void observation_add_owned(struct observation *o, const char *path, const char *package)
{
    o->owned = xgrow(o->owned, o->owned_len, sizeof(*o->owned));
    o->owned[o->owned_len++] = (struct owned){ xstrdup(path), xstrdup(package) };
}

int seen_order(const struct seen *a, const struct seen *b)
{
    int diff = strcmp(a->kind, b->kind);

    return diff ? diff : strcmp(a->key, b->key);
}

static int by_kind_and_key(const void *a, const void *b)
{
    return seen_order(a, b);
}

static int by_path(const void *a, const void *b)
{
    const struct owned *oa = a, *ob = b;
    int diff = strcmp(oa->path, ob->path);

    return diff ? diff : strcmp(oa->package, ob->package);
}

void observation_sort(struct observation *o)
{
    if (o->len > 1)
        qsort(o->ptr, o->len, sizeof(*o->ptr), by_kind_and_key);
    if (o->owned_len > 1)
        qsort(o->owned, o->owned_len, sizeof(*o->owned), by_path);
}

void seen_release(struct seen *s)
{
    free(s->key);
    free(s->value);
    free(s->written);
    free(s->digest);
}

void observation_release(struct observation *o)
{
    for (size_t i = 0; i < o->len; i++)
        seen_release(&o->ptr[i]);
    for (size_t i = 0; i < o->owned_len; i++) {
        free(o->owned[i].path);
        free(o->owned[i].package);
    }
    free(o->ptr);
    free(o->owned);
    *o = (struct observation){ 0 };
}
