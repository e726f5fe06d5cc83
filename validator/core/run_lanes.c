/*
 * The heart of a run: both lanes at the same time, a thread each, while this thread writes down
 * what they report, listens for a cancel, and passes an interrupt on.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/run_work.h"
#include "store/store.h"

enum { POLL_MS = 200 };

struct lane_thread {
    struct lane_plan plan;
    struct lane_report *report;
    struct stop *stop;
    char *label;
    pthread_t thread;
    bool started;
    struct err *err;
};

static void *lane_main(void *arg)
{
    struct lane_thread *t = arg;

    /* Without both lanes there is nothing to compare: one that failed stops the other. */
    if (lane_run(&t->plan, t->report, &t->err) < 0)
        stop_raise(t->stop, 0);
    mailbox_post(t->plan.mailbox, "lane.finished", false,
                 json_pack("{s:s}", "lane", lane_names[t->plan.lane]));
    return NULL;
}

/* Signals belong to the thread that owns the run. */
static int start_lane(struct lane_thread *t, struct err **err)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&t->thread, NULL, lane_main, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        return err_set_errno(err, rc, "cannot start a lane");
    t->started = true;
    return 0;
}

static char *label_of(const struct run_work *w, enum lane lane)
{
    char letter = lane == LANE_BASELINE ? 'a' : 'b';

    if (w->untouched)
        return xasprintf("run%lld-u-a", (long long)w->id);
    if (w->round_count == 1)
        return xasprintf("run%lld-%c", (long long)w->id, letter);
    return xasprintf("run%lld-%d-%c", (long long)w->id, w->round_count, letter);
}

static void plan_lane(struct run_work *w, struct run_round *round, struct lane_thread *t,
                      enum lane lane, struct mailbox *mailbox)
{
    t->label = label_of(w, lane);
    t->report = &round->reports[lane];
    t->stop = w->stop;
    t->plan = (struct lane_plan){
        .site = w->site,
        .lab = w->lab,
        .lane = lane,
        .label = t->label,
        .image = &w->image,
        .observe = w->options.observe && (w->round_count == 1 || w->untouched),
        .warm = !w->options.cold,
        .patch = lane == LANE_CANDIDATE ? &w->patch : NULL,
        .testcases = round->testcases,
        .testcase_count = round->testcase_count,
        .round = w->untouched ? 0 : w->round_count,
        .points = round->points,
        .payload = w->payload,
        .scanning = w->scanning.scanner ? &w->scanning : NULL,
        .applications_max = w->options.applications,
        .claims = lane == LANE_CANDIDATE ? &w->claims.all : NULL,
        .params = &w->params,
        .stop = w->stop,
        .mailbox = mailbox,
    };
}

/* A cancel is a flag in the store; a signal is the site's stop. */
static int listen(struct run_work *w, struct err **err)
{
    int64_t cancel = 0;

    if (stop_raised(w->stop))
        return 0;
    if (store_int(w->site->store, "SELECT cancel FROM run WHERE id = ?", ARGS(A_INT(w->id)), 0,
                  &cancel, err)
        < 0)
        return -1;
    w->cancelled = cancel;
    if (cancel || stop_raised(w->site->stop))
        stop_raise(w->stop, stop_signal(w->site->stop));
    return 0;
}

static int take_event(struct run_work *w, const struct event *e, int *running, struct err **err)
{
    if (str_eq(e->kind, "lane.finished"))
        --*running;
    else if (e->evidence)
        return run_record(w, e->kind, e->body, err);
    else if (w->on_event)
        w->on_event(w->arg, e);
    return 0;
}

/* Until all lanes have finished.  A store that fails stops the lanes, and their rest is dropped. */
static int pump(struct run_work *w, struct mailbox *mailbox, int running, struct err **err)
{
    AUTO_ERR first = NULL;

    while (running > 0) {
        struct event e = { 0 };
        if (!first && listen(w, &first) < 0)
            stop_raise(w->stop, 0);
        if (!mailbox_take(mailbox, POLL_MS, &e))
            continue;
        if (first)
            running -= str_eq(e.kind, "lane.finished");
        else if (take_event(w, &e, &running, &first) < 0)
            stop_raise(w->stop, 0);
        json_decref(e.body);
    }
    if (first) {
        *err = TAKE(first);
        return -1;
    }
    return 0;
}

/* The error that says most: not the "interrupted" of a lane which the other one stopped. */
static int collect(struct lane_thread *threads, struct err **err)
{
    for (int i = 0; i < LANE_MAX_; i++) {
        struct err *e = threads[i].err;
        if (e && (!*err || (*err)->code == ERR_CANCELLED)) {
            err_clear(err);
            *err = e;
            threads[i].err = NULL;
        }
        err_clear(&threads[i].err);
    }
    return *err ? -1 : 0;
}

static int run_some_lanes(struct run_work *w, struct run_round *round, int count, struct err **err)
{
    struct lane_thread threads[LANE_MAX_] = { 0 };
    struct mailbox *mailbox = mailbox_new();
    int started = 0, rc = 0;

    for (int i = 0; i < count && rc == 0; i++) {
        plan_lane(w, round, &threads[i], (enum lane)i, mailbox);
        rc = start_lane(&threads[i], err);
        started += rc == 0;
    }
    if (rc < 0)
        stop_raise(w->stop, 0);
    AUTO_ERR pumped = NULL;
    pump(w, mailbox, started, &pumped);
    for (int i = 0; i < LANE_MAX_; i++) {
        if (threads[i].started)
            pthread_join(threads[i].thread, NULL);
        free(threads[i].label);
    }
    mailbox_free(mailbox);
    if (pumped && !*err)
        *err = TAKE(pumped);
    return collect(threads, err);
}

int run_both_lanes(struct run_work *w, struct run_round *round, struct err **err)
{
    return run_some_lanes(w, round, LANE_MAX_, err);
}

int run_baseline_lane(struct run_work *w, struct run_round *round, struct err **err)
{
    return run_some_lanes(w, round, LANE_BASELINE + 1, err);
}

struct run_round *run_add_round(struct run_work *w)
{
    w->rounds = xreallocarray(w->rounds, (size_t)w->round_count + 1, sizeof(*w->rounds));
    struct run_round *round = &w->rounds[w->round_count++];

    *round = (struct run_round){ .points = points_until(POINT_FIRST) };
    round->testcases = xcalloc(w->testcases.len + 1, sizeof(*round->testcases));
    return round;
}

/* The first round: all testcases, all the way. */
int run_lanes(struct run_work *w, struct err **err)
{
    struct run_round *round = run_add_round(w);

    for (size_t i = 0; i < w->testcases.len; i++)
        round->testcases[round->testcase_count++] = w->testcases.ptr[i];
    round->points = points_until(w->options.last);
    return run_both_lanes(w, round, err);
}
