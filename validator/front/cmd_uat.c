/* uat: manual steps shown to people, and what they found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/markdown.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/image.h"
#include "core/manual.h"
#include "core/patch.h"
#include "core/signoff.h"
#include "core/testcase.h"
#include "front/commands.h"
#include "front/shell.h"
#include "front/show_gate.h"
#include "front/status.h"
#include "front/table.h"
#include "front/terminal.h"
#include "front/text.h"
#include "front/wire.h"
#include "store/blob.h"
#include "store/store.h"

enum { COLUMNS_MAX = 80, LINE_MAX_BYTES = REMARK_MAX };

/* --- what there is -------------------------------------------------------------------------- */

static int tell(struct cli *c, const struct site *site, int64_t run, struct err **err)
{
    AUTO_JSON *manual = manual_of_run(site->store, run, err);
    AUTO_STRV missing = { 0 };
    int open = manual ? signoff_gate(site->store, run, &missing, err) : -1;

    if (open < 0)
        return -1;
    json_object_set_new(manual, "gate",
                        json_pack("{s:b, s:o}", "open", open, "missing", json_strv(&missing)));
    if (cli_json(c, manual))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("STEP", "STATE", "BY", "STAGES", "TITLE", NULL);
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(manual, "steps"), i, step)
    {
        const json_t *answers = json_object_get(step, "answers");
        const json_t *last = json_array_get(answers, json_array_size(answers) - 1);
        AUTO_FREE char *name = text_at(step, "step"), *state = text_at(step, "state");
        AUTO_FREE char *by = text_at(last, "person"), *title = text_at(step, "title");
        AUTO_FREE char *stages = text_strings(json_object_get(step, "stages"), ", ", "-");
        table_add(&t, name, state, by, stages, title, NULL);
    }
    table_print(&t, stdout);
    show_gate(run, open, &missing);
    return STATUS_DONE;
}

/* --- one answer ----------------------------------------------------------------------------- */

static int answer(struct cli *c, struct wire *w, int64_t run, struct err **err)
{
    const char *person;
    int result = 0;

    if (cli_name("the result", c->args[2], manual_result_names, &result, err) < 0
        || cli_opt_need(c, "as", &person, err) < 0
        || manual_answer(wire_site(w)->store, run, c->args[1], (enum manual_result)result, person,
                         cli_opt(c, "remark"), err)
               < 0)
        return -1;
    return tell(c, wire_site(w), run, err);
}

/* --- a person at a terminal ----------------------------------------------------------------- */

/* One line of standard input, which the caller frees; *ret_end: there is no more. */
static char *ask(const struct stop *stop, const char *question, bool *ret_end, struct err **err)
{
    AUTO_STR line = STR_INIT(LINE_MAX_BYTES);
    char byte;

    fputs(question, stdout);
    fflush(stdout);
    for (;;) {
        if (terminal_await(stop, err) < 0)
            return NULL;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        *ret_end = n <= 0;
        if (n <= 0 || byte == '\n')
            return str_take(&line);
        str_add_mem(&line, &byte, 1);
    }
}

static int show_step(const struct site *site, const json_t *step, struct err **err)
{
    const char *hex = json_str_at(json_object_get(step, "text"), "blob");
    AUTO_FREE char *name = text_at(step, "step"), *title = text_at(step, "title");
    AUTO_FREE char *stages = text_strings(json_object_get(step, "stages"), ", ", "-");
    int rows, columns;
    size_t len;
    AUTO_FREE char *raw = blob_get(site->blobs, hex ? hex : "", MANUAL_TEXT_MAX, &len, err);

    if (!raw)
        return err_wrap(err, "the text of step '%s'", name);
    terminal_size(&rows, &columns);
    AUTO_FREE char *plain = markdown_plain(raw, len, columns < COLUMNS_MAX ? columns : COLUMNS_MAX);
    printf("\n%s: %s (stages: %s)\n\n%s", name, title, stages, plain);
    return 0;
}

/* 1 answered, 0 the person has had enough, -1. */
static int ask_step(const struct site *site, int64_t run, const json_t *step, const char *person,
                    struct err **err)
{
    static const char letters[] = "pfs";
    bool end = false;

    if (show_step(site, step, err) < 0)
        return -1;
    for (;;) {
        AUTO_ERR e = NULL;
        AUTO_FREE char *said = ask(site->stop, "[p]ass, [f]ail, [s]kip or [q]uit? ", &end, err);
        const char *at = said && *said ? strchr(letters, *said) : NULL;
        if (!said)
            return -1;
        if (end || *said == 'q')
            return 0;
        if (!at)
            continue;
        AUTO_FREE char *remark = ask(site->stop, "remark: ", &end, err);
        if (!remark)
            return -1;
        if (manual_answer(site->store, run, json_str_at(step, "step"),
                          (enum manual_result)(at - letters), person, remark, &e)
            == 0)
            return 1;
        if (e->code != ERR_INVALID || end) {
            *err = TAKE(e);
            return -1;
        }
        printf("%s\n", e->msg);
    }
}

static int ask_all(struct cli *c, struct wire *w, int64_t run, struct err **err)
{
    const struct site *site = wire_site(w);
    AUTO_JSON *manual = manual_of_run(site->store, run, err);
    AUTO_FREE char *person = xstrdup(cli_opt(c, "as"));
    bool end = false;
    size_t i;
    json_t *step;

    if (!manual)
        return -1;
    if (!person)
        person = ask(site->stop, "your name: ", &end, err);
    if (!person || person_check(person, err) < 0)
        return -1;
    json_array_foreach(json_object_get(manual, "steps"), i, step)
    {
        if (str_eq(json_str_at(step, "state"), "passed"))
            continue;
        int rc = ask_step(site, run, step, person, err);
        if (rc < 0)
            return -1;
        if (rc == 0)
            break;
    }
    return tell(c, site, run, err);
}

/* --- a look at the patched server ----------------------------------------------------------- */

static int look(struct cli *c, struct wire *w, int64_t run, struct err **err)
{
    AUTO_IMAGE image = { 0 };
    AUTO_PATCH patch = { 0 };
    AUTO_QUERY q = store_query(wire_site(w)->store, "SELECT image, patch FROM run WHERE id = ?",
                               ARGS(A_INT(run)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)run);
    if (image_by_id(wire_site(w), query_int(q, 0), &image, err) < 0
        || patch_by_id(wire_site(w), query_int(q, 1), &patch, err) < 0)
        return -1;
    query_free(TAKE(q));
    return shell_in_clone(c, w, &image, &patch, err);
}

/* What would not be looked at is not taken. */
static int check_options(const struct cli *c, struct err **err)
{
    bool answers = c->arg_count == 3;

    if (c->arg_count == 2)
        return err_set(err, ERR_INVALID,
                       "'uat' needs a result behind the step: pass, fail or skip");
    if (answers + cli_flag(c, "list") + cli_flag(c, "shell") > 1)
        return err_set(err, ERR_INVALID,
                       "'uat' takes a result, '--list' or '--shell', not several of them");
    if (cli_opt(c, "remark") && !answers)
        return err_set(err, ERR_INVALID, "option '--remark' needs a step and its result");
    return 0;
}

static int uat(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t run;

    if (!w || cli_arg_id(c, 0, "run", &run, err) < 0 || check_options(c, err) < 0)
        return -1;
    if (c->arg_count == 3)
        return answer(c, w, run, err);
    if (cli_flag(c, "shell"))
        return look(c, w, run, err);
    if (cli_flag(c, "list") || cli_flag(c, "json"))
        return tell(c, wire_site(w), run, err);
    if (terminal_is_there())
        return ask_all(c, w, run, err);
    err_set(err, ERR_INVALID, "there is no terminal to ask at");
    return err_hint(err, "use '--list', or name a step and its result");
}

static const struct option options[] = {
    { "as", "NAME", "the person who took the step; needed, or asked for" },
    { "remark", "TEXT", "what was seen; fail and skip need it" },
    { "list", NULL, "show the steps and how they stand" },
    { "shell", NULL, "open a shell in a clone with the patch applied" },
    { "cold", NULL, "boot that clone, even when there is a warm image" },
    { 0 },
};

const struct cli_command uat_commands[] = {
    { "uat", "RUN [STEP RESULT]", 1, 3, "Take the manual steps of a run",
      "At a terminal each step that is not passed is shown, and its result is asked for: pass,\n"
      "fail or skip, and a remark. Elsewhere a step and its result are named. A run whose steps\n"
      "have all passed can be approved; one that failed keeps the gate closed.",
      options, uat },
    { 0 },
};
