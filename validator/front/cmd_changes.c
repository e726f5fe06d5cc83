/* run changes, run acknowledge: what a patch changed that nothing explains, and who wants it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/changes.h"
#include "core/signoff.h"
#include "front/commands.h"
#include "front/show_changes.h"
#include "front/show_gate.h"
#include "front/status.h"
#include "front/wire.h"

static int changes(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t run;

    if (!w || cli_arg_id(c, 0, "run", &run, err) < 0)
        return -1;
    AUTO_JSON *facts = changes_of_run(wire_site(w)->store, run, err);
    if (!facts)
        return -1;
    if (!cli_json(c, facts))
        show_changes(facts);
    return STATUS_DONE;
}

/* The ids behind the run, or none with --all. */
static int parse_items(const struct cli *c, struct strv *ret, struct err **err)
{
    for (int i = 1; i < c->arg_count; i++)
        strv_add(ret, c->args[i]);
    if ((ret->len > 0) != cli_flag(c, "all"))
        return 0;
    err_set(err, ERR_INVALID, "'run acknowledge' needs items or '--all', %s",
            ret->len > 0 ? "not both" : "and has neither");
    return err_hint(err, "'patchlab run changes RUN' lists the items");
}

static int acknowledge(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_STRV items = { 0 }, missing = { 0 };
    const char *person;
    int64_t run;
    size_t count = 0;

    if (!w || cli_arg_id(c, 0, "run", &run, err) < 0 || parse_items(c, &items, err) < 0
        || cli_opt_need(c, "as", &person, err) < 0
        || changes_acknowledge(wire_site(w)->store, run, &items, person, cli_opt(c, "remark"),
                               &count, err)
               < 0)
        return -1;
    AUTO_JSON *now = changes_of_run(wire_site(w)->store, run, err);
    int open = now ? signoff_gate(wire_site(w)->store, run, &missing, err) : -1;
    if (open < 0)
        return -1;
    AUTO_JSON *facts = json_pack(
        "{s:I, s:I, s:I, s:b, s:o}", "run", (json_int_t)run, "acknowledged", (json_int_t)count,
        "left", json_int_at(now, "open"), "open", open, "missing", json_strv(&missing));
    if (cli_json(c, facts))
        return STATUS_DONE;
    printf("run %lld: %zu change%s acknowledged, %lld left\n", (long long)run, count,
           count == 1 ? "" : "s", (long long)json_int_at(now, "open"));
    show_gate(run, open, &missing);
    return STATUS_DONE;
}

static const struct option acknowledge_options[] = {
    { "as", "NAME", "the owner who takes them on; needed" },
    { "remark", "TEXT", "why they are wanted; needed" },
    { "all", NULL, "everything that is open" },
    { 0 },
};

const struct cli_command changes_commands[] = {
    { "run changes", "RUN", 1, 1, "List what the patch changed and does not explain",
      "Both lanes are looked at when their checks are done. What the patch's packages own is left\n"
      "out, and what differs between untouched clones as well.",
      NULL, changes },
    { "run acknowledge", "RUN [ITEM...]", 1, -1, "Take changes on as wanted",
      "An item may be cut to its first four digits or more. When unexplained changes are all that\n"
      "made a run 'review' and all of them are acknowledged, its patch can be approved.",
      acknowledge_options, acknowledge },
    { 0 },
};
