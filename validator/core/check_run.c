/* One program of a testcase in a guest; see check_run.h. */
#include "core/check_run.h"

#include "base/mem.h"
#include "base/str.h"
#include "core/params.h"
#include "core/testcase.h"
#include "ports/guest.h"

int check_run(struct guest *g, const struct check_program *p, const struct params *params,
              struct guest_result *ret, struct err **err)
{
    const char *payload = NULL;

    if (g->ops->mount_payload(g, &payload, err) < 0)
        return -1;
    AUTO_FREE char *dir = xasprintf("%s/testcases/%s", payload, p->testcase->name);
    AUTO_FREE char *path = p->program[0] == '/' ? xstrdup(p->program)
                                                : xasprintf("%s/%s", dir, p->program);
    AUTO_STRV argv = { 0 }, env = { 0 };
    strv_add(&argv, path);
    for (size_t i = p->first_arg; i < p->args->len; i++)
        strv_add(&argv, p->args->ptr[i]);
    strv_addf(&env, "PATCHLAB_TESTCASE=%s", dir);
    params_env(params_of(params, p->testcase->name), p->like->user, &env);

    struct guest_exec x = *p->like;
    x.argv = (const char *const *)argv.ptr;
    x.env = (const char *const *)env.ptr;
    x.cwd = dir;
    x.scratch = "PATCHLAB_TMP";
    if (g->ops->exec(g, &x, ret, err) < 0)
        return -1;
    bool is_cut = ret->output_total > (int64_t)ret->output.len;
    scrub(&ret->output, params, is_cut ? SCRUB_CUT_TAIL : SCRUB_WHOLE);
    scrub(&ret->report, params, SCRUB_CUT_TAIL);
    return 0;
}
