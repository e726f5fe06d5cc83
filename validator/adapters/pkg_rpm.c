/* pkg_rpm - rpm packages in a guest; the work there is rpm_script's, rpm_list's, rpm_state's. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>

#include "adapters/pkg_script_run.h"
#include "adapters/rpm_list.h"
#include "adapters/rpm_script.h"
#include "adapters/rpm_state.h"
#include "base/err.h"

static void script_of(const char *const *pieces, const char *mode, struct strv *argv)
{
    pkg_script_of(pieces, "patchlab-rpm", argv);
    if (mode)
        strv_add(argv, mode);
    strv_add(argv, RPM_NOTES);
}

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    AUTO_STRV argv = { 0 };

    script_of(rpm_apply_script, NULL, &argv);
    size_t before = argv.len;
    if (pkg_files_of(p, ".rpm", /* undo= */ false, &argv, err) < 0)
        return err_wrap(err, "cannot apply the patch");
    if (argv.len == before)
        return err_set(err, ERR_INVALID, "cannot apply the patch: it holds no .rpm file");
    return pkg_run(g, p, &argv, NULL, ret, err);
}

static int undo(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err)
{
    AUTO_STRV plan = { 0 }, argv = { 0 };

    script_of(rpm_undo_script, "plan", &plan);
    script_of(rpm_undo_script, "undo", &argv);
    if (pkg_files_of(p, ".rpm", /* undo= */ true, &plan, err) < 0
        || pkg_files_of(p, ".rpm", /* undo= */ true, &argv, err) < 0)
        return err_wrap(err, "cannot undo the patch");
    return pkg_undo(g, p, &plan, &argv, NULL, ret, err);
}

static int list(struct guest *g, struct package_list *ret, struct err **err)
{
    AUTO_STRV argv = { 0 };
    AUTO_GUEST_RESULT r = { 0 };

    script_of(rpm_list_script, NULL, &argv);
    if (pkg_ask(g, &argv, RPM_LIST_MAX, &r, err) < 0
        || rpm_list_parse(r.output.ptr, r.output.len, ret, err) < 0)
        return err_wrap(err, "cannot list the packages");
    return 0;
}

static int state(struct guest *g, struct pkg_state *ret, struct err **err)
{
    AUTO_STRV argv = { 0 };
    AUTO_GUEST_RESULT r = { 0 };

    script_of(rpm_state_script, NULL, &argv);
    if (pkg_ask(g, &argv, RPM_STATE_MAX, &r, err) < 0
        || rpm_state_parse(r.output.ptr, r.output.len, ret, err) < 0)
        return err_wrap(err, "cannot ask how the packages stand");
    return 0;
}

const struct pkgmgr pkg_rpm = {
    .kind = "rpm",
    .undo_how = "a downgrade of its packages",
    .apply = apply,
    .undo = undo,
    .list = list,
    .state = state,
};
