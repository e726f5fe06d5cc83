/* pkg_files - files of the patch that are put somewhere; the work there is files_script's. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>

#include "adapters/files_script.h"
#include "adapters/pkg_script_run.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "ports/guest.h"

/* Absolute, or "". */
static int add_program(const struct patch_in_guest *p, const char *file, struct strv *argv,
                       struct err **err)
{
    if (!file) {
        strv_add(argv, "");
        return 0;
    }
    if (pkg_check_file(p, file, err) < 0)
        return -1;
    strv_addf(argv, "%s/%s", p->dir, file);
    return 0;
}

/* All but the files themselves. */
static int begin(const struct patch_in_guest *p, const char *mode, struct strv *argv,
                 struct err **err)
{
    if (!path_is_safe(p->name))
        return err_set(err, ERR_INVALID, "'%s' is no safe name", p->name);
    pkg_script_of(files_script, "patchlab-files", argv);
    strv_add(argv, mode);
    strv_addf(argv, FILES_NOTES "/%s", p->name);
    strv_add(argv, p->dir);
    return add_program(p, p->apply, argv, err) < 0 || add_program(p, p->undo, argv, err) < 0
                   || add_program(p, p->undone, argv, err) < 0
               ? -1
               : 0;
}

static int add_place(const struct patch_in_guest *p, const struct patch_place *at,
                     struct strv *argv, struct err **err)
{
    if (pkg_check_file(p, at->from, err) < 0)
        return -1;
    if (at->to[0] != '/' || !path_is_safe(at->to + 1))
        return err_set(err, ERR_INVALID, "'%s' is no safe place", at->to);
    strv_addf(argv, "%s/%s", p->dir, at->from);
    strv_add(argv, at->to);
    if (at->mode < 0)
        strv_add(argv, "");
    else
        strv_addf(argv, "%04o", (unsigned)at->mode);
    strv_add(argv, at->owner ? at->owner : "");
    return 0;
}

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    static const char what[] = "cannot apply the patch";
    AUTO_STRV argv = { 0 };

    if (!p->install || p->install->len == 0)
        return err_set(err, ERR_INVALID, "%s: it does not say what to put where", what);
    if (begin(p, "apply", &argv, err) < 0)
        return err_wrap(err, "%s", what);
    for (size_t i = 0; i < p->install->len; i++) {
        if (add_place(p, &p->install->ptr[i], &argv, err) < 0)
            return err_wrap(err, "%s", what);
    }
    return pkg_run(g, p, &argv, NULL, ret, err);
}

static int undo(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err)
{
    AUTO_STRV argv = { 0 };

    if (begin(p, "undo", &argv, err) < 0)
        return err_wrap(err, "cannot undo the patch");
    return pkg_run(g, p, &argv, NULL, ret, err);
}

const struct pkgmgr pkg_files = {
    .kind = "files",
    .undo_how = "putting the old files back",
    .apply = apply,
    .undo = undo,
    .list = NULL,
    .state = NULL,
};
