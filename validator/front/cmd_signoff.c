/* signoff: decisions of people. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/signoff.h"
#include "front/commands.h"
#include "front/show_gate.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

static int parse_role(const struct cli *c, enum role *ret, struct err **err)
{
    const char *text;
    int i = 0;

    if (cli_opt_need(c, "role", &text, err) < 0 || cli_opt_name(c, "role", role_names, &i, err) < 0)
        return -1;
    *ret = (enum role)i;
    return 0;
}

static int tell_gate(struct cli *c, const struct site *site, int64_t run, struct err **err)
{
    AUTO_STRV missing = { 0 };
    int open = signoff_gate(site->store, run, &missing, err);

    if (open < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:I, s:b, s:o}", "run", (json_int_t)run, "open", open, "missing",
                                 json_strv(&missing));
    if (cli_json(c, facts))
        return STATUS_DONE;
    show_gate(run, open, &missing);
    return STATUS_DONE;
}

static int decide(struct cli *c, enum decision decision, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    const char *person;
    enum role role = ROLE_OWNER;
    int64_t run;

    if (!w || cli_arg_id(c, 0, "run", &run, err) < 0 || parse_role(c, &role, err) < 0
        || cli_opt_need(c, "as", &person, err) < 0
        || signoff_add(wire_site(w)->store, run, role, person, decision, cli_opt(c, "remark"), err)
               < 0)
        return -1;
    return tell_gate(c, wire_site(w), run, err);
}

static int approve(struct cli *c, struct err **err)
{
    return decide(c, DECISION_APPROVE, err);
}

static int refuse(struct cli *c, struct err **err)
{
    return decide(c, DECISION_REFUSE, err);
}

static json_t *signoffs_json(const struct signoff_list *l)
{
    json_t *list = json_array();

    for (size_t i = 0; i < l->len; i++) {
        const struct signoff *s = &l->ptr[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:I}", "role",
                                              role_names[s->role], "person", s->person, "decision",
                                              decision_names[s->decision], "remark",
                                              json_text(s->remark), "at", (json_int_t)s->at));
    }
    return list;
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_SIGNOFF_LIST l = { 0 };
    int64_t run;

    if (!w || cli_arg_id(c, 0, "run", &run, err) < 0
        || signoff_list(wire_site(w)->store, run, &l, err) < 0)
        return -1;
    AUTO_JSON *facts = signoffs_json(&l);
    if (cli_json(c, facts))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("WHEN", "ROLE", "PERSON", "DECISION", "REMARK", NULL);
    for (size_t i = 0; i < l.len; i++) {
        AUTO_FREE char *when = text_time(l.ptr[i].at);
        table_add(&t, when, role_names[l.ptr[i].role], l.ptr[i].person,
                  decision_names[l.ptr[i].decision], l.ptr[i].remark ? l.ptr[i].remark : "", NULL);
    }
    table_print(&t, stdout);
    return tell_gate(c, wire_site(w), run, err);
}

static const struct option options[] = {
    { "role", "ROLE", "owner or gatekeeper; needed" },
    { "as", "NAME", "the person who decides; needed" },
    { "remark", "TEXT", "why; a refusal needs it" },
    { 0 },
};

const struct cli_command signoff_commands[] = {
    { "signoff approve", "RUN", 1, 1, "Record that a person approves the patch of a run",
      "Two people are needed, one as owner and one as gatekeeper. What they approve is bound to\n"
      "the digests of patch, image, testcases and verdict. With both, the patch is queued.",
      options, approve },
    { "signoff refuse", "RUN", 1, 1, "Record that a person refuses the patch of a run",
      "While a refusal stands nothing of the run is handed out.", options, refuse },
    { "signoff list", "RUN", 1, 1, "List the decisions about a run, and what the gate says", NULL,
      NULL, list },
    { 0 },
};
