/* pkg_script - a patch that is a program, and another one that takes it back: each is run in the
 * patch's directory and judged by its status. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>

#include "adapters/pkg_script_run.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/file.h"
#include "base/str.h"
#include "ports/guest.h"

/* `what` completes "cannot ... the patch". */
static int run(struct guest *g, const struct patch_in_guest *p, const char *file, const char *what,
               struct guest_result *ret, struct err **err)
{
    if (pkg_check_file(p, file, err) < 0)
        return err_wrap(err, "cannot %s the patch", what);
    AUTO_FREE char *program = path_join(p->dir, file);
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

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    if (!p->apply)
        return err_set(err, ERR_INVALID,
                       "cannot apply the patch: it does not say which of its files to run");
    return run(g, p, p->apply, "apply", ret, err);
}

static int undo(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err)
{
    if (!p->undo)
        return err_set(err, ERR_NOT_FOUND, "the patch has no program that takes it back");
    return run(g, p, p->undo, "undo", ret, err);
}

const struct pkgmgr pkg_script = {
    .kind = "script",
    .apply = apply,
    .undo = undo,
    .list = NULL,
    .state = NULL,
};
