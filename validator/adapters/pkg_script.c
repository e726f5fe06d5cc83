/* pkg_script - a patch that is a program: run in the patch's directory, judged by its status. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/file.h"
#include "base/str.h"
#include "ports/guest.h"

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    if (!p->apply || !path_is_safe(p->apply) || !strv_has(p->files, p->apply))
        return err_set(err, ERR_INVALID,
                       "cannot apply the patch: it does not say which of its "
                       "files to run");
    AUTO_FREE char *program = path_join(p->dir, p->apply);
    AUTO_FREE char *dir = xasprintf("PATCHLAB_PATCH=%s", p->dir);
    const char *argv[] = { program, NULL };
    const char *env[] = { dir, NULL };
    struct guest_exec x = {
        .argv = argv,
        .env = env,
        .cwd = p->dir,
        .timeout_ms = p->timeout_ms,
        .output_max = p->output_max,
    };

    return g->ops->exec(g, &x, ret, err);
}

const struct pkgmgr pkg_script = {
    .kind = "script",
    .apply = apply,
    .list = NULL,
    .wants_reboot = NULL,
};
