/* pkg_script_run - scripts on the packages of a patch; see pkg_script_run.h. */
#include "adapters/pkg_script_run.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { ASK_MS = 60000, PLAN_MAX = 64 << 10, SCRIPT_MAX = 64 << 10, MISSING_SHOWN = 10 };

void pkg_script_of(const char *const *pieces, const char *name, struct strv *argv)
{
    AUTO_STR script = STR_INIT(SCRIPT_MAX);

    for (; *pieces; pieces++)
        str_add(&script, *pieces);
    strv_add(argv, "/bin/sh");
    strv_add(argv, "-c");
    strv_add(argv, script.ptr);
    strv_add(argv, name);
}

int pkg_check_file(const struct patch_in_guest *p, const char *file, struct err **err)
{
    if (!path_is_safe(file) || !strv_has(p->files, file))
        return err_set(err, ERR_INVALID, "'%s' is none of its files", file);
    return 0;
}

int pkg_files_of(const struct patch_in_guest *p, const char *suffix, bool undo, struct strv *argv,
                 struct err **err)
{
    for (size_t i = 0; i < p->files->len; i++) {
        const char *file = p->files->ptr[i];

        if (!path_is_safe(file))
            return err_set(err, ERR_INVALID, "'%s' is no safe path", file);
        if (str_ends(file, suffix) && str_starts(file, PATCH_UNDO) == undo)
            strv_addf(argv, "%s/%s", p->dir, file);
    }
    return 0;
}

int pkg_run(struct guest *g, const struct patch_in_guest *p, const struct strv *argv,
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

int pkg_ask(struct guest *g, const struct strv *argv, size_t output_max, struct guest_result *ret,
            struct err **err)
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

int pkg_undo(struct guest *g, const struct patch_in_guest *p, const struct strv *plan,
             const struct strv *argv, const char *const *env, struct guest_result *ret,
             struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (pkg_ask(g, plan, PLAN_MAX, &r, err) < 0)
        return err_wrap(err, "cannot undo the patch");
    return check_plan(&r, err) < 0 ? -1 : pkg_run(g, p, argv, env, ret, err);
}
