/* Programs of a testcase in a guest; see check_run.h. */
#include "core/check_run.h"

#include "base/mem.h"
#include "base/str.h"
#include "core/check_results.h"
#include "core/params.h"
#include "core/testcase.h"
#include "ports/guest.h"

enum { READY_OUTPUT_MAX = 64 << 10 };

/* `program` is of the bundle, or of the guest by its whole path; `like` has user and limits. */
static int run(struct guest *g, const struct testcase *t, const struct guest_exec *like,
               const char *program, const struct strv *args, size_t first_arg,
               const struct params *params, struct guest_result *ret, struct err **err)
{
    const char *payload = NULL;

    if (g->ops->mount_payload(g, &payload, err) < 0)
        return -1;
    AUTO_FREE char *dir = xasprintf("%s/testcases/%s", payload, t->name);
    AUTO_FREE char *path = program[0] == '/' ? xstrdup(program) : xasprintf("%s/%s", dir, program);
    AUTO_STRV argv = { 0 }, env = { 0 };
    strv_add(&argv, path);
    for (size_t i = first_arg; i < args->len; i++)
        strv_add(&argv, args->ptr[i]);
    strv_addf(&env, "PATCHLAB_TESTCASE=%s", dir);
    params_env(params_of(params, t->name), like->user, &env);

    struct guest_exec x = *like;
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

int check_run(struct guest *g, const struct testcase *t, const struct check *c,
              const struct params *params, struct guest_result *ret, struct err **err)
{
    const struct guest_exec like = {
        .user = c->user,
        .timeout_ms = c->timeout_ms,
        .output_max = (size_t)c->output_max,
        .report = c->report,
        .report_max = c->report ? CHECK_REPORT_MAX : 0,
    };

    return run(g, t, &like, c->run, &c->args, 0, params, ret, err);
}

int check_run_ready(struct guest *g, const struct testcase *t, const struct params *params,
                    struct guest_result *ret, struct err **err)
{
    const struct guest_exec like = {
        .timeout_ms = t->ready.timeout_ms,
        .output_max = READY_OUTPUT_MAX,
    };

    return run(g, t, &like, t->ready.argv.ptr[0], &t->ready.argv, 1, params, ret, err);
}
