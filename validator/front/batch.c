/* Several runs as one job; see batch.h.  This process only watches: the runs are the workers'. */
#include "front/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/unit.h"
#include "core/evidence.h"
#include "core/run.h"
#include "front/cli.h"
#include "front/progress.h"
#include "front/show_run.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"
#include "front/workers.h"

enum { LOOK_MS = 300 };

struct watched {
    struct progress *progress;
    int64_t id, seq;
    bool waits; /* no process works on it */
    char *verdict;
};

int batch_jobs_default(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores >= 4 ? (int)(cores / 2) : 1;
}

static int see(void *arg, const struct evidence *e, struct err **err)
{
    struct watched *w = arg;
    struct event event = { .kind = e->kind, .body = e->body, .evidence = true };

    (void)err;
    progress_event(w->progress, w->id, &event);
    w->seq = e->seq;
    return 0;
}

/* Shows what is new of each run; *ret_open counts those without a verdict. */
static int look(const struct site *site, struct watched *all, size_t n, size_t *ret_open,
                struct err **err)
{
    *ret_open = 0;
    for (size_t i = 0; i < n; i++) {
        struct watched *w = &all[i];
        if (w->verdict)
            continue;
        if (evidence_each(site->store, w->id, w->seq, see, w, err) < 0)
            return -1;
        AUTO_JSON *run = run_json(site, w->id, err);
        if (!run)
            return -1;
        const char *verdict = json_str_at(run, "verdict");
        w->verdict = verdict ? xstrdup(verdict) : NULL;
        w->waits = str_eq(json_str_at(run, "state"), "queued");
        *ret_open += !verdict;
    }
    return 0;
}

/* With `waiting_only`, what another process works on is left to it. */
static void cancel_open(const struct site *site, const struct watched *all, size_t n,
                        bool waiting_only)
{
    for (size_t i = 0; i < n; i++) {
        AUTO_ERR ignored = NULL;
        if (!all[i].verdict && (all[i].waits || !waiting_only))
            run_cancel(site, all[i].id, &ignored);
    }
}

/* Until every run has its verdict; what nobody works on any more is closed. */
static int watch(const struct site *site, struct workers *workers, struct watched *all, size_t n,
                 struct err **err)
{
    size_t open;

    for (;;) {
        bool working = workers_running(workers) > 0;
        AUTO_ERR stopped = NULL;
        if (look(site, all, n, &open, err) < 0)
            return -1;
        if (open == 0)
            return 0;
        if (stop_raised(site->stop) || !working)
            cancel_open(site, all, n, /* waiting_only= */ !stop_raised(site->stop));
        if (stop_sleep(site->stop, LOOK_MS, &stopped) < 0)
            clock_sleep_ms(LOOK_MS); /* interrupted: the workers end their runs */
    }
}

static int worst_status(const struct watched *all, size_t n)
{
    static const int order[] = { STATUS_FAIL, STATUS_BROKEN, STATUS_REVIEW };

    for (size_t k = 0; k < ARRAY_LEN(order); k++) {
        for (size_t i = 0; i < n; i++) {
            if (verdict_status_of(all[i].verdict) == order[k])
                return order[k];
        }
    }
    return STATUS_DONE;
}

static int add_row(struct table *t, const json_t *run)
{
    const json_t *patch = json_object_get(run, "patch"), *image = json_object_get(run, "image");
    const json_t *reasons = json_object_get(json_object_get(run, "summary"), "reasons");
    AUTO_FREE char *id = xasprintf("%lld", (long long)json_int_at(run, "id"));
    AUTO_FREE char *name = text_at(patch, "name"), *version = text_at(patch, "version");
    AUTO_FREE char *what = xasprintf("%s %s", name, version), *on = text_at(image, "name");
    AUTO_FREE char *verdict = text_at(run, "verdict");
    AUTO_FREE char *took = unit_duration(json_int_at(run, "ended") - json_int_at(run, "created"));
    const char *why = json_string_value(json_array_get(reasons, 0));

    table_add(t, id, what, on, verdict, took, why ? why : "-", NULL);
    return 0;
}

static int summarise(const struct cli *c, const struct site *site, const struct watched *all,
                     size_t n, struct err **err)
{
    AUTO_JSON *runs = json_array();
    AUTO_TABLE t = table_new("RUN", "PATCH", "IMAGE", "VERDICT", "TOOK", "REASON", NULL);

    for (size_t i = 0; i < n; i++) {
        json_t *run = run_json(site, all[i].id, err);
        if (!run)
            return -1;
        json_array_append_new(runs, run);
        add_row(&t, run);
    }
    if (cli_json(c, runs))
        return 0;
    table_print(&t, stdout);
    puts("'patchlab run show RUN' explains one");
    return 0;
}

int batch_execute(const struct cli *c, struct wire *w, const int64_t *ids, size_t n, int jobs,
                  struct err **err)
{
    const struct site *site = wire_site(w);
    AUTO_PROGRESS p = progress_new(c, err);
    AUTO_FREE char *problem = NULL;

    if (!p)
        return -1;
    struct watched *all = xcalloc(n, sizeof(*all));
    for (size_t i = 0; i < n; i++)
        all[i] = (struct watched){ .progress = p, .id = ids[i] };
    struct workers_plan plan = { .state = site->dir, .only = ids, .count = n, .drain = true };
    struct workers *workers = workers_start(jobs, &plan);
    int rc = watch(site, workers, all, n, err);
    if (rc < 0)
        workers_stop(workers);
    workers_end(workers, &problem);
    progress_free(TAKE(p));
    if (problem)
        fprintf(stderr, "patchlab: a worker failed: %s\n", problem);
    if (rc == 0)
        rc = summarise(c, site, all, n, err);
    int status = worst_status(all, n);
    for (size_t i = 0; i < n; i++)
        free(all[i].verdict);
    free(all);
    return rc < 0 ? -1 : status;
}
