/* What a core function works with; see site.h. */
#include "core/site.h"

#include <stddef.h>

#include "base/str.h"
#include "ports/pkgmgr.h"
#include "ports/results.h"

const struct pkgmgr *site_pkgmgr(const struct site *s, const char *kind)
{
    for (const struct pkgmgr *const *p = s->pkgmgrs; kind && p && *p; p++) {
        if (str_eq((*p)->kind, kind))
            return *p;
    }
    return NULL;
}

const struct result_format *site_result_format(const struct site *s, const char *name)
{
    for (const struct result_format *const *f = s->result_formats; f && *f; f++) {
        if (str_eq((*f)->name, name))
            return *f;
    }
    return NULL;
}
