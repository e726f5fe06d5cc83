/* pkg_deb - Debian packages in a guest; the work there is deb_script's, deb_list's, deb_state's. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/deb_list.h"
#include "adapters/deb_script.h"
#include "adapters/deb_state.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/guest.h"

enum { ASK_MS = 60000, PLAN_MAX = 64 << 10, SCRIPT_MAX = 64 << 10, MISSING_SHOWN = 10 };

/* Nobody is there to answer, and services restart only as the packages themselves say.  ucf asks
 * through debconf, which then keeps the file; forced to, it would keep what nobody changed too. */
#define QUIET \
    "DEBIAN_FRONTEND=noninteractive", "DEBIAN_PRIORITY=critical", "APT_LISTCHANGES_FRONTEND=none", \
        "NEEDRESTART_MODE=l"
static const char *const keep_env[] = { QUIET, NULL };
static const char *const replace_env[] = { QUIET, "UCF_FORCE_CONFFNEW=1", NULL };

/* Adds those of the patch itself, or those that take it back. */
static int packages_of(const struct patch_in_guest *p, bool undo, struct strv *argv,
                       struct err **err)
{
    for (size_t i = 0; i < p->files->len; i++) {
        const char *file = p->files->ptr[i];

        if (!path_is_safe(file))
            return err_set(err, ERR_INVALID, "'%s' is no safe path", file);
        if (str_ends(file, ".deb") && str_starts(file, PATCH_UNDO) == undo)
            strv_addf(argv, "%s/%s", p->dir, file);
    }
    return 0;
}

/* `mode`: the first argument; NULL: none. */
static void script_of(const char *const *pieces, const char *mode, struct strv *argv)
{
    AUTO_STR script = STR_INIT(SCRIPT_MAX);

    for (; *pieces; pieces++)
        str_add(&script, *pieces);
    strv_add(argv, "/bin/sh");
    strv_add(argv, "-c");
    strv_add(argv, script.ptr);
    strv_add(argv, "patchlab-deb");
    if (mode)
        strv_add(argv, mode);
}

static int run(struct guest *g, const struct patch_in_guest *p, const struct strv *argv,
               const char *const *env, struct guest_result *ret, struct err **err)
{
    struct guest_exec x = {
        .argv = (const char *const *)argv->ptr,
        .env = env,
        .timeout_ms = p->timeout_ms,
        .output_max = p->output_max,
    };

    return g->ops->exec(g, &x, ret, err);
}

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    AUTO_STRV argv = { 0 };

    script_of(deb_apply_script, p->replace_conffiles ? "replace" : "keep", &argv);
    size_t before = argv.len;
    if (packages_of(p, /* undo= */ false, &argv, err) < 0)
        return err_wrap(err, "cannot apply the patch");
    if (argv.len == before)
        return err_set(err, ERR_INVALID, "cannot apply the patch: it holds no .deb file");
    return run(g, p, &argv, p->replace_conffiles ? replace_env : keep_env, ret, err);
}

/* A short question to the guest whose answer is needed, all of it. */
static int ask(struct guest *g, const struct strv *argv, size_t output_max,
               struct guest_result *ret, struct err **err)
{
    struct guest_exec x = {
        .argv = (const char *const *)argv->ptr,
        .timeout_ms = ASK_MS,
        .output_max = output_max,
    };

    if (g->ops->exec(g, &x, ret, err) < 0)
        return -1;
    if (ret->timed_out)
        return err_set(err, ERR_GUEST, "the guest did not answer in %d s", ASK_MS / 1000);
    if (ret->exit_code != 0)
        return err_set(err, ERR_GUEST, "the question ended with status %d", ret->exit_code);
    if (ret->output_total != (int64_t)ret->output.len)
        return err_set(err, ERR_GUEST, "the answer is longer than %zu bytes", output_max);
    return 0;
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
    if (ask(g, &argv, DEB_LIST_MAX, &r, err) < 0
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
    if (ask(g, &argv, DEB_STATE_MAX, &r, err) < 0
        || deb_state_parse(r.output.ptr, r.output.len, ret, err) < 0)
        return err_wrap(err, "%s", what);
    return 0;
}

/* --- taking it back ------------------------------------------------------------------------- */

/* The lines of the plan name what is needed and not there. */
static int check_plan(const struct guest_result *plan, struct err **err)
{
    AUTO_FREE char *shown = str_printable(plan->output.ptr, plan->output.len,
                                          /* multiline= */ true);
    AUTO_STRV names = { 0 };
    size_t more = 0;

    for (char *line = shown, *nl; *line; line = nl) {
        nl = line + strcspn(line, "\n");
        if (*nl)
            *nl++ = '\0';
        if (names.len < MISSING_SHOWN)
            strv_addf(&names, "'%s'", line);
        else
            more++;
    }
    if (names.len == 0)
        return 0;
    if (more)
        strv_addf(&names, "and %zu more", more);
    AUTO_FREE char *list = strv_join(&names, ", ");
    return err_set(err, ERR_NOT_FOUND,
                   "the patch does not bring %s, so that only restoring the VM takes it back",
                   list);
}

static int undo(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                struct err **err)
{
    static const char what[] = "cannot undo the patch";
    AUTO_STRV plan = { 0 }, argv = { 0 };
    AUTO_GUEST_RESULT r = { 0 };

    script_of(deb_undo_script, "plan", &plan);
    script_of(deb_undo_script, "undo", &argv);
    if (packages_of(p, /* undo= */ true, &plan, err) < 0
        || packages_of(p, /* undo= */ true, &argv, err) < 0)
        return err_wrap(err, "%s", what);
    if (ask(g, &plan, PLAN_MAX, &r, err) < 0)
        return err_wrap(err, "%s", what);
    if (check_plan(&r, err) < 0)
        return -1;
    return run(g, p, &argv, keep_env, ret, err);
}

const struct pkgmgr pkg_deb = {
    .kind = "deb",
    .undo_how = "a downgrade of its packages",
    .apply = apply,
    .undo = undo,
    .list = list,
    .state = state,
};
