/* Applying a patch in a guest; see patch_guest.h. */
#include "core/patch_guest.h"

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/patch.h"
#include "core/payload.h"
#include "core/site.h"
#include "ports/guest.h"
#include "ports/pkgmgr.h"

enum { OUTPUT_MAX = 4 << 20 };

/* `dir` outlives the result. */
static struct patch_in_guest in_guest(const struct patch *patch, const char *dir)
{
    return (struct patch_in_guest){
        .dir = dir,
        .files = &patch->files,
        .apply = patch->apply,
        .undo = patch->undo,
        .undone = patch->undone,
        .name = patch->name,
        .install = &patch->install,
        .replace_conffiles = patch->conffiles == CONFFILES_REPLACE,
        .timeout_ms = patch->timeout_ms,
        .output_max = OUTPUT_MAX,
    };
}

int patch_apply(const struct site *site, struct guest *g, const char *payload,
                const struct patch *patch, struct guest_result *ret, struct err **err)
{
    const struct pkgmgr *kind = site_pkgmgr(site, patch->kind);
    AUTO_FREE char *dir = path_join(payload, PAYLOAD_PATCH);
    struct patch_in_guest p = in_guest(patch, dir);

    if (!kind)
        return err_set(err, ERR_INVALID, "there is no way to apply a patch of kind '%s'",
                       patch->kind);
    return kind->apply(g, &p, ret, err);
}

int patch_undo(const struct site *site, struct guest *g, const char *payload,
               const struct patch *patch, struct guest_result *ret, struct err **err)
{
    const struct pkgmgr *kind = site_pkgmgr(site, patch->kind);
    AUTO_FREE char *dir = path_join(payload, PAYLOAD_PATCH);
    struct patch_in_guest p = in_guest(patch, dir);

    if (!kind || !kind->undo)
        return err_set(err, ERR_NOT_FOUND, "a patch of kind '%s' cannot be undone", patch->kind);
    return kind->undo(g, &p, ret, err);
}

char *patch_problem(const struct patch *patch, const struct guest_result *r)
{
    if (r->timed_out)
        return xasprintf("it did not end within %lld s", (long long)patch->timeout_ms / 1000);
    if (r->exit_code != 0)
        return xasprintf("it ended with exit status %d", r->exit_code);
    return NULL;
}
