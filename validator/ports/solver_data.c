/* solver_data - life cycle of a solver's plan; see ports/solver.h. */
#include <stdlib.h>

#include "base/mem.h"
#include "ports/solver.h"

void solver_plan_add(struct solver_plan *p, const char *name, const char *arch, const char *from,
                     const char *to)
{
    p->ptr = xreallocarray(p->ptr, p->len + 1, sizeof(*p->ptr));
    p->ptr[p->len++] = (struct solver_change){
        .name = xstrdup(name), .arch = xstrdup(arch), .from = xstrdup(from), .to = xstrdup(to)
    };
}

void solver_plan_release(struct solver_plan *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free(p->ptr[i].name);
        free(p->ptr[i].arch);
        free(p->ptr[i].from);
        free(p->ptr[i].to);
    }
    free(p->ptr);
    strv_release(&p->kept_back);
    *p = (struct solver_plan){ 0 };
}
