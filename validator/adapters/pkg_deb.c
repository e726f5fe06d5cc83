/* pkg_deb - Debian packages in a guest; the work there is deb_script's, deb_list's, deb_state's. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>

#include "adapters/deb_list.h"
#include "adapters/deb_script.h"
#include "adapters/deb_state.h"
#include "adapters/pkg_script_run.h"
#include "base/err.h"

/* Nobody is there to answer, and services restart only as the packages themselves say.  ucf asks
 * through debconf, which then keeps the file; forced to, it would keep what nobody changed too. */
#define QUIET \
    "DEBIAN_FRONTEND=noninteractive", "DEBIAN_PRIORITY=critical", "APT_LISTCHANGES_FRONTEND=none", \
        "NEEDRESTART_MODE=l"
static const char *const keep_env[] = { QUIET, NULL };
static const char *const replace_env[] = { QUIET, "UCF_FORCE_CONFFNEW=1", NULL };

/* `mode`: the first argument; NULL: none. */
static void script_of(const char *const *pieces, const char *mode, struct strv *argv)
{
    pkg_script_of(pieces, "patchlab-deb", argv);
    if (mode)
        strv_add(argv, mode);
}

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    AUTO_STRV argv = { 0 };

    script_of(deb_apply_script, p->replace_conffiles ? "replace" : "keep", &argv);
    size_t before = argv.len;
    if (pkg_files_of(p, ".deb", /* undo= */ false, &argv, err) < 0)
        return err_wrap(err, "cannot apply the patch");
    if (argv.len == before)
        return err_set(err, ERR_INVALID, "cannot apply the patch: it holds no .deb file");
    return pkg_run(g, p, &argv, p->replace_conffiles ? replace_env : keep_env, ret, err);
}

static int list(struct guest *g, struct package_list *ret, struct err **err)
{
    static const char what[] = "cannot list the packages";
    /* Warnings would stand in the middle of the list. */
    static const char *const script[] = {
        "exec dpkg-query -W -f '" DEB_LIST_FORMAT "' 2>/dev/null",
        NULL,
    };
    AUTO_STRV argv = { 0 };
    AUTO_GUEST_RESULT r = { 0 };

    script_of(script, NULL, &argv);
    if (pkg_ask(g, &argv, DEB_LIST_MAX, &r, err) < 0
        || deb_list_parse(r.output.ptr, r.output.len, ret, err) < 0)
        return err_wrap(err, "%s", what);
    return 0;
}

static int state(struct guest *g, struct pkg_state *ret, struct err **err)
{
    static const char what[] = "cannot ask how the packages stand";
    AUTO_STRV argv = { 0 };
    AUTO_GUEST_RESULT r = { 0 };

    script_of(deb_state_script, NULL, &argv);
    if (pkg_ask(g, &argv, DEB_STATE_MAX, &r, err) < 0
        || deb_state_parse(r.output.ptr, r.output.len, ret, err) < 0)
        return err_wrap(err, "%s", what);
    return 0;
}

static int undo(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err)
{
    AUTO_STRV plan = { 0 }, argv = { 0 };

    script_of(deb_undo_script, "plan", &plan);
    script_of(deb_undo_script, "undo", &argv);
    if (pkg_files_of(p, ".deb", /* undo= */ true, &plan, err) < 0
        || pkg_files_of(p, ".deb", /* undo= */ true, &argv, err) < 0)
        return err_wrap(err, "cannot undo the patch");
    return pkg_undo(g, p, &plan, &argv, keep_env, ret, err);
}

static int parse(const char *text, size_t len, struct package_list *ret, struct err **err)
{
    if (deb_list_parse(text, len, ret, err) == 0)
        return 0;
    (*err)->code = ERR_INVALID;
    return -1;
}

const struct pkgmgr pkg_deb = {
    .kind = "deb",
    .undo_how = "a downgrade of its packages",
    .apply = apply,
    .undo = undo,
    .list = list,
    .parse = parse,
    .state = state,
};
