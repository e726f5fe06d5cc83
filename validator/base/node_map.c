/* node_map - the members of lists and maps, and the end of a tree; see node_map.h, base/node.h. */
#include "base/node_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/node.h"

/* Capacities are powers of two from 8 on, so they change exactly when `len` is one. */
static bool is_full(size_t len)
{
    return len == 0 || (len >= 8 && (len & (len - 1)) == 0);
}

static size_t capacity_after(size_t len)
{
    return len ? 2 * len : 8;
}

void node_add_item(struct node *list, struct node *item)
{
    if (is_full(list->len))
        list->items = xreallocarray(list->items, capacity_after(list->len), sizeof(*list->items));
    list->items[list->len++] = item;
}

void node_add_member(struct node *map, const char *key, int line, struct node *value)
{
    if (is_full(map->len)) {
        size_t cap = capacity_after(map->len);
        map->keys = xreallocarray(map->keys, cap, sizeof(*map->keys));
        map->key_lines = xreallocarray(map->key_lines, cap, sizeof(*map->key_lines));
    }
    map->keys[map->len] = xstrdup(key);
    map->key_lines[map->len] = line;
    node_add_item(map, value);
}

struct entry {
    const char *key;
    size_t i;
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int order = strcmp(x->key, y->key);

    return order ? order : (x->i > y->i) - (x->i < y->i);
}

/* Sorted, because comparing all pairs of 50000 keys would take a hostile document minutes. */
bool node_find_duplicate(const struct node *map, size_t *ret)
{
    AUTO_FREE struct entry *sorted = xcalloc(map->len, sizeof(*sorted));
    size_t first = map->len;

    for (size_t i = 0; i < map->len; i++)
        sorted[i] = (struct entry){ map->keys[i], i };
    qsort(sorted, map->len, sizeof(*sorted), by_key);
    for (size_t i = 1; i < map->len; i++)
        if (strcmp(sorted[i].key, sorted[i - 1].key) == 0 && sorted[i].i < first)
            first = sorted[i].i;
    if (first == map->len)
        return false;
    *ret = first;
    return true;
}

struct node *node_get(const struct node *map, const char *key)
{
    if (map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->keys[i], key) == 0)
            return map->items[i];
    return NULL;
}

void node_free(struct node *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->len; i++) {
        node_free(n->items[i]);
        if (n->keys)
            free(n->keys[i]);
    }
    free(n->items);
    free(n->keys);
    free(n->key_lines);
    free(n->text);
    free(n);
}
