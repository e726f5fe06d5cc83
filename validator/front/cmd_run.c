/* run: what was validated, what goes on, and stopping it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/unit.h"
#include "core/evidence.h"
#include "core/explain.h"
#include "core/run.h"
#include "core/site.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/show_explain.h"
#include "front/show_run.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 1000000, WATCH_MS = 500, EXPLAIN_LINES = 1000 };

static void add_row(struct table *t, const json_t *r)
{
    const json_t *patch = json_object_get(r, "patch"), *image = json_object_get(r, "image");
    int64_t ended = json_int_at(r, "ended"), created = json_int_at(r, "created");
    AUTO_FREE char *id = xasprintf("%lld", (long long)json_int_at(r, "id"));
    AUTO_FREE char *state = text_at(r, "state"), *verdict = text_at(r, "verdict");
    AUTO_FREE char *name = text_at(patch, "name"), *version = text_at(patch, "version");
    AUTO_FREE char *what = xasprintf("%s %s", name, version), *on = text_at(image, "name");
    AUTO_FREE char *when = text_time(created);
    AUTO_FREE char *took = ended ? unit_duration(ended - created) : xstrdup("-");

    table_add(t, id, state, verdict, what, on, when, took, NULL);
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t limit;

    if (!w || cli_opt_int(c, "limit", LIST_LIMIT, 0, LIST_LIMIT_MAX, &limit, err) < 0)
        return -1;
    AUTO_JSON *runs = run_list(wire_site(w), limit, err);
    if (!runs)
        return -1;
    if (cli_json(c, runs))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("RUN", "STATE", "VERDICT", "PATCH", "IMAGE", "STARTED", "TOOK", NULL);
    size_t i;
    json_t *r;
    json_array_foreach(runs, i, r)
    {
        add_row(&t, r);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

static int show_one(struct cli *c, const struct site *site, int64_t id, struct err **err)
{
    AUTO_JSON *run = run_json(site, id, err);

    if (!run)
        return -1;
    if (!cli_json(c, run) && show_run(site, run, cli_flag(c, "all"), err) < 0)
        return -1;
    return STATUS_DONE;
}

static int show(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t id;

    if (!w || cli_arg_id(c, 0, "run", &id, err) < 0)
        return -1;
    return show_one(c, wire_site(w), id, err);
}

static int explain(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t id;

    if (!w || cli_arg_id(c, 0, "run", &id, err) < 0)
        return -1;
    AUTO_JSON *run = run_json(wire_site(w), id, err);
    AUTO_JSON *all = run ? explain_run(run, wire_site(w)->blobs, 0, EXPLAIN_LINES, err) : NULL;
    if (!all)
        return -1;
    if (!cli_json(c, all))
        show_explain(run, all, cli_flag(c, "all"));
    return STATUS_DONE;
}

struct watching {
    struct progress *progress;
    int64_t run, seq;
};

static int watch_record(void *arg, const struct evidence *e, struct err **err)
{
    struct watching *w = arg;
    struct event event = { .kind = e->kind, .body = e->body, .evidence = true };

    (void)err;
    progress_event(w->progress, w->run, &event);
    w->seq = e->seq;
    return 0;
}

/* Another process works on it; we meet it in the store only, so this looks again and again. */
static int follow(const struct site *site, struct watching *w, char **ret_verdict, struct err **err)
{
    for (;;) {
        if (evidence_each(site->store, w->run, w->seq, watch_record, w, err) < 0)
            return -1;
        AUTO_JSON *run = run_json(site, w->run, err);
        if (!run)
            return -1;
        if (json_str_at(run, "verdict")) {
            *ret_verdict = xstrdup(json_str_at(run, "verdict"));
            return 0;
        }
        if (stop_sleep(site->stop, WATCH_MS, err) < 0)
            return -1;
    }
}

static int watch(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PROGRESS p = progress_new(c, err);
    struct watching watching = { .progress = p };
    AUTO_FREE char *verdict = NULL;

    if (!w || !p || cli_arg_id(c, 0, "run", &watching.run, err) < 0
        || follow(wire_site(w), &watching, &verdict, err) < 0)
        return -1;
    progress_free(TAKE(p));
    if (show_one(c, wire_site(w), watching.run, err) < 0)
        return -1;
    return verdict_status_of(verdict);
}

static int cancel(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t id;

    if (!w || cli_arg_id(c, 0, "run", &id, err) < 0 || run_cancel(wire_site(w), id, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:I, s:b}", "run", (json_int_t)id, "cancelled", true);
    if (!cli_json(c, facts))
        printf("run %lld: will stop\n", (long long)id);
    return STATUS_DONE;
}

static const struct option show_options[] = {
    { "all", NULL, "the output of every check that differs" },
    { 0 },
};
static const struct option explain_options[] = {
    { "all", NULL, "every difference, and all lines of it" },
    { 0 },
};
static const struct option list_options[] = {
    { "limit", "N", "at most N runs, the newest first (50; 0: all)" },
    { 0 },
};

const struct cli_command run_commands[] = {
    { "run list", "", 0, 0, "List the runs", NULL, list_options, list },
    { "run show", "RUN", 1, 1, "Show a run: verdict, checks before and after, what is missing",
      NULL, show_options, show },
    { "run explain", "RUN", 1, 1,
      "Explain a verdict: what differs, how often, and who could change it", NULL, explain_options,
      explain },
    { "run watch", "RUN", 1, 1, "Follow a run of another process to its end",
      "The exit status is that of the verdict.", NULL, watch },
    { "run cancel", "RUN", 1, 1, "Stop a run; its verdict is broken", NULL, NULL, cancel },
    { 0 },
};
