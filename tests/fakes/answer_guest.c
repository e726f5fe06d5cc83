/* answer_guest - see answer_guest.h. */
#include "fakes/answer_guest.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/proc.h"
#include "unit/base.h"

#define NOTES "/var/lib/patchlab"

static int run_here(const struct answer_guest *f, const struct guest_exec *x,
                    struct guest_result *ret, struct err **err)
{
    AUTO_STRV argv = { 0 };

    for (const char *const *arg = x->argv; *arg; arg++)
        strv_addf(&argv, "%s%s", str_starts(*arg, NOTES) ? f->notes : "",
                  str_starts(*arg, NOTES) ? *arg + strlen(NOTES) : *arg);
    struct proc_spec spec = {
        .argv = (const char *const *)argv.ptr,
        .env = f->env,
        .cwd = x->cwd,
        .out_max = x->output_max,
        .err_max = x->output_max,
        .timeout_ms = x->timeout_ms,
    };
    AUTO_PROC_RESULT r = { 0 };

    if (proc_run(&spec, &r, err) < 0)
        return -1;
    str_add_mem(&ret->output, r.out.ptr, r.out.len);
    str_add_mem(&ret->output, r.err.ptr, r.err.len);
    ret->output_total = (int64_t)ret->output.len;
    ret->exit_code = r.exit_code;
    return 0;
}

static int exec(struct guest *g, const struct guest_exec *x, struct guest_result *ret,
                struct err **err)
{
    struct answer_guest *f = (struct answer_guest *)(void *)g;
    const struct answer *a = f->answers ? &f->answers[f->calls] : NULL;

    f->calls++;
    strv_release(&f->argv);
    strv_release(&f->vars);
    for (const char *const *arg = x->argv; *arg; arg++)
        strv_add(&f->argv, *arg);
    for (const char *const *var = x->env; var && *var; var++)
        strv_add(&f->vars, *var);
    f->timeout_ms = x->timeout_ms;
    *ret = (struct guest_result){ .output = STR_INIT(x->output_max) };
    if (!a)
        return run_here(f, x, ret, err);
    if (a->gone)
        return err_set(err, ERR_GUEST, "the guest is gone");
    str_add(&ret->output, a->output ? a->output : "");
    ret->exit_code = a->exit;
    ret->timed_out = a->timed_out;
    ret->output_total = (int64_t)ret->output.len + a->longer;
    return 0;
}

struct answer_guest answer_guest(const struct answer *answers)
{
    static const struct guest_ops ops = { .name = "answer", .exec = exec };

    return (struct answer_guest){ .guest.ops = &ops, .answers = answers };
}

void answer_guest_release(struct answer_guest *g)
{
    strv_release(&g->argv);
    strv_release(&g->vars);
}

char *answer_guest_arguments(const struct answer_guest *g)
{
    AUTO_STRV rest = { 0 };

    assert_string_equal(g->argv.ptr[0], "/bin/sh");
    assert_string_equal(g->argv.ptr[1], "-c");
    for (size_t i = 4; i < g->argv.len; i++)
        strv_add(&rest, g->argv.ptr[i]);
    return strv_join(&rest, " ");
}

struct strv answer_guest_files(const char *const *names)
{
    struct strv files = { 0 };

    for (; *names; names++)
        strv_add(&files, *names);
    return files;
}

struct patch_in_guest answer_guest_patch(const struct strv *files)
{
    return (struct patch_in_guest){
        .dir = "/payload/patch", .files = files, .timeout_ms = 5000, .output_max = 1000
    };
}
