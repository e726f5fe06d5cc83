/* text_pool - interning by open addressing over one block of text; see text_pool.h. */
#include "core/text_pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SLOTS_MIN = 1024, TEXT_MIN = 4096 };

/* FNV-1a. */
static uint64_t hash_of(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

static uint32_t *slot_of(const struct text_pool *p, const char *text)
{
    size_t i = (size_t)hash_of(text) & (p->slot_count - 1);

    while (p->slots[i] && strcmp(p->ptr + p->slots[i], text) != 0)
        i = (i + 1) & (p->slot_count - 1);
    return &p->slots[i];
}

static void grow_slots(struct text_pool *p)
{
    uint32_t *old = p->slots;
    size_t n = p->slot_count;

    p->slot_count = n ? n * 2 : SLOTS_MIN;
    p->slots = xcalloc(p->slot_count, sizeof(*p->slots));
    for (size_t i = 0; i < n; i++) {
        if (old[i])
            *slot_of(p, p->ptr + old[i]) = old[i];
    }
    free(old);
}

static void grow_text(struct text_pool *p, size_t need)
{
    if (p->len + need > UINT32_MAX)
        abort(); /* 4 GiB of different texts: what puts them has smaller limits */
    if (p->cap == 0)
        p->len = 1; /* 0 stands for NULL */
    while (p->len + need > p->cap) {
        p->cap = p->cap ? p->cap * 2 : TEXT_MIN;
        p->ptr = xreallocarray(p->ptr, p->cap, 1);
    }
}

uint32_t text_pool_put(struct text_pool *p, const char *text)
{
    if (!text)
        return 0;
    if (p->used * 2 >= p->slot_count)
        grow_slots(p);
    uint32_t *slot = slot_of(p, text);
    if (*slot)
        return *slot;
    size_t size = strlen(text) + 1;
    grow_text(p, size);
    memcpy(p->ptr + p->len, text, size);
    *slot = (uint32_t)p->len;
    p->len += size;
    p->used++;
    return *slot;
}

const char *text_pool_get(const struct text_pool *p, uint32_t at)
{
    return at ? p->ptr + at : NULL;
}

void text_pool_trim(struct text_pool *p)
{
    free(p->slots);
    p->slots = NULL;
    p->slot_count = p->used = 0;
    if (p->len)
        p->ptr = xreallocarray(p->ptr, p->len, 1);
    p->cap = p->len;
}

void text_pool_release(struct text_pool *p)
{
    free(p->ptr);
    free(p->slots);
    *p = (struct text_pool){ 0 };
}
