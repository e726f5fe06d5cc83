/* text_pool - many texts, each different one kept once, as offsets of 32 bits. */
#ifndef CORE_TEXT_POOL_H
#define CORE_TEXT_POOL_H

#include <stddef.h>
#include <stdint.h>

struct text_pool {
    char *ptr;
    size_t len, cap;
    uint32_t *slots; /* offsets by hash; 0: free */
    size_t slot_count, used;
};

/* 0 for NULL, else where it is: the same text gives the same number. */
uint32_t text_pool_put(struct text_pool *p, const char *text);
const char *text_pool_get(const struct text_pool *p, uint32_t at); /* until the next put */
void text_pool_trim(struct text_pool *p); /* no more is put: gives back what only putting needs */
void text_pool_release(struct text_pool *p);

#endif
