/* work: takes queued runs, one after the other, until it is told to stop. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/unit.h"
#include "core/run.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/status.h"
#include "front/wire.h"
#include "front/workers.h"

enum { LOOK_MS = 1000, JOBS_MAX = 64, STANDBY_DEFAULT = 2, STANDBY_MAX = 64 };

struct working {
    struct wire *wire;
    struct progress *progress;
    int64_t *only;
    size_t count;
    int64_t run; /* the one at work */
    bool drain;
    int standby;   /* clones to keep ready, */
    int64_t ended; /* of the image of this run; 0: none */
};

static void on_event(void *arg, const struct event *e)
{
    const struct working *w = arg;

    progress_event(w->progress, w->run, e);
}

/* One line for each run that has ended. */
static int tell(const struct site *site, int64_t id, struct err **err)
{
    AUTO_JSON *run = run_json(site, id, err);

    if (!run)
        return -1;
    const json_t *patch = json_object_get(run, "patch"), *image = json_object_get(run, "image");
    printf("run %lld: %s %s on %s: %s\n", (long long)id, json_str_at(patch, "name"),
           json_str_at(patch, "version"), json_str_at(image, "name"), json_str_at(run, "verdict"));
    fflush(stdout);
    return 0;
}

/* 1: worked on one, 0: there is none. */
static int work_once(struct working *w, struct err **err)
{
    const struct site *site = wire_site(w->wire);
    int64_t after = 0;
    int rc;

    while ((rc = run_next(site, w->only, w->count, after, &w->run, err)) > 0) {
        AUTO_ERR e = NULL;
        enum verdict verdict;
        struct lab *lab = wire_lab(w->wire, err);
        if (!lab)
            return -1;
        if (run_execute(site, lab, w->run, on_event, w, &verdict, &e) == 0) {
            w->ended = w->run;
            return tell(site, w->run, err) < 0 ? -1 : 1;
        }
        if (e->code != ERR_CONFLICT) {
            *err = TAKE(e);
            return -1;
        }
        after = w->run; /* another worker was quicker */
    }
    return rc;
}

/* While there is nothing to do.  What fails once is not tried again until another run has ended:
 * it would fail each second. */
static int stand_by(struct working *w, struct err **err)
{
    const struct site *site = wire_site(w->wire);
    AUTO_ERR e = NULL;

    if (w->standby == 0 || w->ended == 0)
        return 0;
    struct lab *lab = wire_lab(w->wire, err);
    if (!lab)
        return -1;
    if (run_standby(site, lab, w->ended, w->standby, &e) >= 0)
        return 0;
    if (e->code == ERR_CANCELLED) {
        *err = TAKE(e);
        return -1;
    }
    log_debug(LOG_RUN, "no standbys: %s", e->msg);
    w->ended = 0;
    return 0;
}

static int work_alone(struct working *w, struct err **err)
{
    const struct stop *stop = wire_site(w->wire)->stop;

    for (;;) {
        AUTO_ERR e = NULL;
        int rc = work_once(w, &e);
        if (rc == 0 && w->drain)
            return STATUS_DONE;
        if (rc == 0)
            rc = stand_by(w, &e);
        if (rc == 0)
            rc = stop_sleep(stop, LOOK_MS, &e);
        if (rc < 0 && stop_raised(stop))
            return STATUS_DONE; /* told to stop; what it worked on is back on the queue */
        if (rc < 0) {
            *err = TAKE(e);
            return -1;
        }
    }
}

static int work_together(struct wire *w, int jobs, const struct working *k, struct err **err)
{
    struct workers_plan plan = {
        .state = wire_site(w)->dir,
        .only = k->only,
        .count = k->count,
        .standby = k->standby,
        .drain = k->drain,
        .loud = true,
    };
    struct workers *all = workers_start(jobs, &plan);
    AUTO_FREE char *problem = NULL;

    while (workers_running(all) > 0) {
        AUTO_ERR stopped = NULL;
        if (stop_sleep(wire_site(w)->stop, LOOK_MS, &stopped) < 0)
            workers_stop(all);
        if (stopped)
            break;
    }
    workers_end(all, &problem);
    return problem ? err_set(err, ERR_IO, "a worker failed: %s", problem) : STATUS_DONE;
}

static int parse_runs(const struct cli *c, struct working *w, struct err **err)
{
    AUTO_STRV runs = { 0 };

    cli_opts(c, "run", &runs);
    w->only = xcalloc(runs.len + 1, sizeof(*w->only));
    for (; w->count < runs.len; w->count++) {
        if (unit_parse_int(runs.ptr[w->count], 1, INT64_MAX, &w->only[w->count], err) < 0)
            return err_wrap(err, "option '--run'");
    }
    return 0;
}

static int work(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PROGRESS p = progress_new(c, err);
    struct working working = { .wire = w, .progress = p, .drain = cli_flag(c, "drain") };
    int64_t jobs, standby;
    int rc = -1;

    if (w && p && cli_opt_int(c, "jobs", 1, 1, JOBS_MAX, &jobs, err) == 0
        && cli_opt_int(c, "standby", STANDBY_DEFAULT, 0, STANDBY_MAX, &standby, err) == 0
        && parse_runs(c, &working, err) == 0) {
        working.standby = (int)standby;
        rc = jobs > 1 ? work_together(w, (int)jobs, &working, err) : work_alone(&working, err);
    }
    free(working.only);
    return rc;
}

static const struct option options[] = {
    { "jobs", "N", "so many runs at once (1)" },
    { "drain", NULL, "end when nothing is queued any more" },
    { "standby", "N", "clones that each keeps ready while it waits (2)" },
    { "run", "RUN", "only this run (again for more)" },
    { 0 },
};

const struct cli_command work_commands[] = {
    { "work", "", 0, 0, "Take queued runs ('validate --queue') until told to stop",
      "Several may work side by side. A run whose worker is stopped or killed goes back on the\n"
      "queue and starts again on fresh clones, three times at most.",
      options, work },
    { 0 },
};
