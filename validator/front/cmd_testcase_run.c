/* testcase run: the checks of a bundle in a clean clone, while somebody writes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/check_results.h"
#include "core/check_run.h"
#include "core/image.h"
#include "core/image_shell.h"
#include "core/params.h"
#include "core/patch.h"
#include "core/testcase.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/shell.h"
#include "front/status.h"
#include "front/terminal.h"
#include "front/testcases.h"
#include "front/wire.h"
#include "ports/guest.h"
#include "ports/lab.h"

struct attempt {
    struct cli *cli;
    struct wire *wire;
    struct testcase testcase;
    struct image image;
    struct patch patch;
    struct params params;
    struct clone *clone;
    json_t *rows;
    int failed;
};

static void attempt_release(struct attempt *a)
{
    clone_destroyp(&a->clone);
    testcase_release(&a->testcase);
    image_release(&a->image);
    patch_release(&a->patch);
    params_release(&a->params);
    json_decref(a->rows);
}
#define AUTO_ATTEMPT __attribute__((cleanup(attempt_release))) struct attempt

static const struct patch *patch_of(const struct attempt *a)
{
    return cli_opt(a->cli, "patch") ? &a->patch : NULL;
}

/* Everything that can be wrong is found before a clone starts. */
static int prepare(struct attempt *a, struct err **err)
{
    const char *name, *only = cli_opt(a->cli, "check"), *patch = cli_opt(a->cli, "patch");
    const struct site *site = wire_site(a->wire);
    AUTO_FREE char *params = NULL;
    bool found = !only;

    if (cli_opt_need(a->cli, "image", &name, err) < 0
        || testcase_read(a->cli->args[0], &a->testcase, err) < 0
        || image_find(site, name, /* removed_too= */ false, &a->image, err) < 0
        || (patch && patch_find(site, patch, &a->patch, err) < 0)
        || testcases_params(a->cli, a->wire, a->image.name, &params, err) < 0
        || params_read(params, &a->testcase, 1, &a->params, err) < 0)
        return -1;
    for (size_t i = 0; i < a->testcase.check_count; i++)
        found = found || str_eq(a->testcase.checks[i].name, only);
    if (!found)
        return err_set(err, ERR_NOT_FOUND, "testcase '%s' has no check '%s'", a->testcase.name,
                       only);
    if (cli_flag(a->cli, "shell") && !terminal_is_there())
        return err_set(err, ERR_INVALID, "option '--shell' needs a terminal");
    return 0;
}

static int apply(struct attempt *a, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_FREE char *problem = NULL;

    if (!patch_of(a))
        return 0;
    if (image_shell_apply(wire_site(a->wire), a->clone, &a->patch, &r, &problem, err) < 0)
        return -1;
    if (!problem)
        return 0;
    AUTO_FREE char *shown = str_printable(r.output.ptr, r.output.len, true);
    fprintf(stderr, "%s%s", shown, *shown && !str_ends(shown, "\n") ? "\n" : "");
    return err_set(err, ERR_INVALID, "the patch could not be applied: %s", problem);
}

/* Every line behind a bar: output cannot pass for ours. */
static void show_output(const struct str *output)
{
    AUTO_FREE char *text = str_printable(output->ptr, output->len, true);

    for (const char *p = text; *p;) {
        size_t len = strcspn(p, "\n");
        printf("    | %.*s\n", (int)len, p);
        p += len + (p[len] == '\n');
    }
}

static void report(struct attempt *a, const char *check, const char *title, const char *format,
                   const char *report_file, const struct guest_result *r)
{
    const struct result_format *f = site_result_format(wire_site(a->wire), format);
    AUTO_CHECK_JUDGEMENT j = { 0 };

    check_judge(f, report_file, r, &j);
    a->failed += j.outcome == OUTCOME_FAIL;
    json_array_append_new(a->rows,
                          json_pack("{s:s, s:s, s:s, s:o, s:i, s:b, s:I, s:o, s:o}", "check", check,
                                    "title", title, "outcome", outcome_names[j.outcome], "why",
                                    json_text(j.why), "exit", r->exit_code, "timed_out",
                                    r->timed_out, "ms", (json_int_t)r->duration_ms, "output",
                                    json_text_n(r->output.ptr, r->output.len), "tests",
                                    check_tests_json(&j.tests)));
    if (cli_flag(a->cli, "json"))
        return;
    AUTO_FREE char *took = unit_duration(r->duration_ms);
    printf("%s: %s: %s%s (exit status %d, %s)\n", outcome_names[j.outcome], check, title,
           r->timed_out ? ": it took too long" : "", r->exit_code, took);
    if (j.why)
        printf("    %s\n", j.why);
    show_output(&r->output);
    fflush(stdout);
}

static int run_check(struct attempt *a, const struct check *c, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (check_run(a->clone->guest, &a->testcase, c, &a->params, &r, err) < 0)
        return err_wrap(err, "check '%s'", c->name);
    report(a, c->name, c->title, check_format_names[c->results], c->report, &r);
    return 0;
}

static int run_ready(struct attempt *a, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (a->testcase.ready.argv.len == 0)
        return 0;
    if (check_run_ready(a->clone->guest, &a->testcase, &a->params, &r, err) < 0)
        return err_wrap(err, "ready command");
    report(a, "@ready", "the testcase's ready command succeeds", NULL, NULL, &r);
    return 0;
}

static int run_checks(struct attempt *a, struct err **err)
{
    const struct testcase *t = &a->testcase;
    const char *only = cli_opt(a->cli, "check");
    bool going = cli_flag(a->cli, "keep-going");

    if (params_push(a->clone->guest, t, params_of(&a->params, t->name), err) < 0
        || run_ready(a, err) < 0)
        return -1;
    for (size_t i = 0; i < t->check_count && (going || !a->failed); i++) {
        if ((!only || str_eq(t->checks[i].name, only)) && run_check(a, &t->checks[i], err) < 0)
            return -1;
    }
    return 0;
}

static int start(struct attempt *a, struct err **err)
{
    AUTO_PROGRESS p = progress_new(a->cli, err);
    struct image_progress progress = { .step = progress_step, .arg = p };
    struct image_shell_plan plan = { &a->image, patch_of(a), &a->testcase,
                                     cli_flag(a->cli, "cold") };
    struct lab *lab = p ? wire_lab(a->wire, err) : NULL;

    if (!lab || image_shell_clone(wire_site(a->wire), lab, &plan, &progress, &a->clone, err) < 0)
        return -1;
    return apply(a, err);
}

static int testcase_run(struct cli *c, struct err **err)
{
    AUTO_ATTEMPT a = { .cli = c, .wire = cli_wire(c, err), .rows = json_array() };

    if (!a.wire || prepare(&a, err) < 0 || start(&a, err) < 0 || run_checks(&a, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack(
        "{s:s, s:s, s:o, s:b, s:O}", "testcase", a.testcase.name, "image", a.image.name, "patch",
        json_text(patch_of(&a) ? a.patch.name : NULL), "ok", !a.failed, "checks", a.rows);
    if (!cli_json(c, facts))
        printf("%zu checks, %d failed\n", json_array_size(a.rows), a.failed);
    if (cli_flag(c, "shell") && shell_sit_down(a.wire, a.clone, err) < 0)
        return -1;
    return a.failed ? STATUS_FAIL : STATUS_DONE;
}

static const struct option run_options[] = {
    { "image", "NAME", "the image to clone; needed" },
    { "check", "NAME", "this check alone" },
    { "patch", "PATCH", "apply this patch first" },
    PARAMS_OPTION,
    { "keep-going", NULL, "go on when a check has failed" },
    { "shell", NULL, "open root's shell in the clone afterwards" },
    { "cold", NULL, "boot the clone, even when there is a warm image" },
    { 0 },
};

const struct cli_command testcase_run_commands[] = {
    { "testcase run", "DIR", 1, 1, "Try the checks of a bundle in a clean clone",
      "Each check runs once, whatever its stages, and its output is shown when it has ended.\n"
      "Nothing is recorded. Exit status 1 when a check fails.",
      run_options, testcase_run },
    { 0 },
};
