/* The table of a run's steps and the one function that walks it; the drawing is in run.h. */
#include "core/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/run_work.h"

const char *const run_state_names[] = {
    [RUN_QUEUED] = "queued",   [RUN_PREPARE] = "prepare", [RUN_LANES] = "lanes",
    [RUN_COMPARE] = "compare", [RUN_CONFIRM] = "confirm", [RUN_DONE] = "done",
    [RUN_BROKEN] = "broken",   [RUN_STATE_MAX_] = NULL,
};

static int do_nothing(struct run_work *w, struct err **err)
{
    (void)w;
    (void)err;
    return 0;
}

/* What happens while a run is in a state, and where it goes when that went well. */
static const struct run_step {
    int (*enter)(struct run_work *w, struct err **err);
    enum run_state next;
    enum run_state otherwise; /* when the step asked for it by `again` */
} steps[RUN_STATE_MAX_] = {
    [RUN_QUEUED] = { do_nothing, RUN_PREPARE },
    [RUN_PREPARE] = { run_prepare, RUN_LANES },
    [RUN_LANES] = { run_lanes, RUN_COMPARE },
    [RUN_COMPARE] = { run_compare, RUN_DONE, RUN_CONFIRM },
    [RUN_CONFIRM] = { run_confirm, RUN_COMPARE },
    [RUN_DONE] = { NULL, RUN_DONE },
    [RUN_BROKEN] = { NULL, RUN_BROKEN },
};

/* "Interrupted" alone does not tell whose wish it was. */
static void say_who_stopped(const struct run_work *w, struct err **why)
{
    if ((*why)->code != ERR_CANCELLED)
        return;
    if (w->cancelled)
        err_wrap(why, "stopped by 'run cancel'");
    else if (stop_signal(w->site->stop))
        err_wrap(why, "stopped by signal %d (%s)", stop_signal(w->site->stop),
                 strsignal(stop_signal(w->site->stop)));
}

/* A worker that is told to stop leaves its run to another one. */
static int put_back(struct run_work *w, struct err **why, struct err **err)
{
    if (run_put_back(w, (*why)->msg, err) < 0)
        return -1;
    *err = *why;
    *why = NULL;
    return -1;
}

/* One move; 1 = more to do, 0 = ended, -1 = the move could not be recorded. */
static int run_step(struct run_work *w, struct err **err)
{
    const struct run_step *s = &steps[w->state];
    AUTO_ERR why = NULL;

    if (!s->enter)
        return 0;
    w->again = false;
    if (s->enter(w, &why) == 0)
        return run_move(w, w->again ? s->otherwise : s->next, err) < 0 ? -1 : 1;
    say_who_stopped(w, &why);
    if (w->queued && !w->cancelled && why->code == ERR_CANCELLED)
        return put_back(w, &why, err);
    run_set_broken(w, why);
    return run_move(w, RUN_BROKEN, err) < 0 ? -1 : 1;
}

static int walk(struct run_work *w, struct err **err)
{
    int rc = 1;

    while (rc > 0)
        rc = run_step(w, err);
    return rc;
}

int run_execute(const struct site *site, struct lab *lab, int64_t id,
                void (*on_event)(void *arg, const struct event *e), void *arg, enum verdict *ret,
                struct err **err)
{
    struct run_work w = {
        .site = site,
        .lab = lab,
        .id = id,
        .lock = -1,
        .on_event = on_event,
        .arg = arg,
    };
    int rc = run_open(&w, err);

    if (rc == 0)
        rc = walk(&w, err);
    if (rc == 0)
        *ret = w.verdict;
    run_close(&w);
    return rc < 0 ? err_wrap(err, "run %lld", (long long)id) : 0;
}
