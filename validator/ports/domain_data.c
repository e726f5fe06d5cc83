/* The data of ports/domains.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ports/domains.h"

struct domain *domain_list_add(struct domain_list *l, const char *name)
{
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    l->ptr[l->len] = (struct domain){ .name = xstrdup(name) };
    return &l->ptr[l->len++];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct domain *)a)->name, ((const struct domain *)b)->name);
}

void domain_list_sort(struct domain_list *l)
{
    if (l->len > 1)
        qsort(l->ptr, l->len, sizeof(*l->ptr), by_name);
}

void domain_list_release(struct domain_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].name);
        free(l->ptr[i].title);
    }
    free(l->ptr);
    *l = (struct domain_list){ 0 };
}
