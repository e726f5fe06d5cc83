/* restarter_data - life cycle of a list of stale processes; see port_data.c. */
#include <stdlib.h>

#include "base/mem.h"
#include "ports/restarter.h"

void stale_list_add(struct stale_list *l, const struct stale_process *p)
{
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    l->ptr[l->len++] = (struct stale_process){
        .pid = p->pid,
        .name = xstrdup(p->name),
        .unit = xstrdup(p->unit),
        .file = xstrdup(p->file),
        .restarts = p->restarts,
    };
}

static int by_pid(const void *a, const void *b)
{
    const struct stale_process *pa = a, *pb = b;

    return (pa->pid > pb->pid) - (pa->pid < pb->pid);
}

void stale_list_sort(struct stale_list *l)
{
    if (l->len > 0)
        qsort(l->ptr, l->len, sizeof(*l->ptr), by_pid);
}

void stale_list_release(struct stale_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].name);
        free(l->ptr[i].unit);
        free(l->ptr[i].file);
    }
    free(l->ptr);
    *l = (struct stale_list){ 0 };
}
