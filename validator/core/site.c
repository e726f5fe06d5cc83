/* What a core function works with; see site.h. */
#include "core/site.h"

#include <stddef.h>

#include "base/str.h"
#include "ports/pkgmgr.h"

const struct pkgmgr *site_pkgmgr(const struct site *s, const char *kind)
{
    for (const struct pkgmgr *const *p = s->pkgmgrs; kind && p && *p; p++) {
        if (str_eq((*p)->kind, kind))
            return *p;
    }
    return NULL;
}
