/* run_work - a run while a process works on it; shared by the run_*.c files. */
#ifndef CORE_RUN_WORK_H
#define CORE_RUN_WORK_H

#include "base/str.h"
#include "core/image.h"
#include "core/lane.h"
#include "core/observe.h"
#include "core/params.h"
#include "core/patch.h"
#include "core/run.h"
#include "core/run_scan.h"
#include "core/scanning.h"
#include "core/site.h"
#include "core/testcase.h"

struct err;

/* Both lanes once.  The first runs everything; those that follow run what differed. */
struct run_round {
    struct lane_report reports[LANE_MAX_];
    struct testcase *testcases; /* shallow copies of those of the run */
    size_t testcase_count;
    unsigned points; /* bits of the check points that its lanes go through */
};

struct run_work {
    const struct site *site;
    struct lab *lab;
    int64_t id;
    enum run_state state;
    bool queued; /* for workers: it may be put back */
    int64_t tries;
    int lock;  /* descriptor of DIR/runs/<id>.lock */
    char *dir; /* DIR/runs/<id>: the payload disc */
    char *payload;
    struct image image;
    struct patch patch;
    struct testcase_list testcases;
    char *scanner;            /* of options, owned */
    struct scanning scanning; /* without a scanner: the image has no package list */
    struct run_claims claims;
    char *params_file; /* NULL: none */
    struct params params;
    struct run_options options;
    struct run_round *rounds;
    int round_count;
    struct comparison_list rows; /* of the first round, with what the others said */
    struct run_round *untouched; /* one more baseline lane, to learn noise; NULL */
    struct change_list changes;  /* of the first round */
    int baselines;               /* so many untouched clones the noise is learnt from */
    char *observe_note;          /* why nobody looked; NULL: somebody did */
    bool wants_untouched;        /* the next look again is for noise */
    bool again;                  /* a step wants its `otherwise` state next */
    bool cancelled;              /* by 'run cancel' */
    enum verdict verdict;
    json_t *summary;   /* body of the verdict record */
    struct stop *stop; /* of this run: raised by the site's stop and by a cancel */
    void (*on_event)(void *arg, const struct event *e);
    void *arg;
};

/* Locks the run; ERR_CONFLICT when another process has it or it has ended. */
int run_open(struct run_work *w, struct err **err);
int run_load(struct run_work *w, struct err **err); /* image, patch, testcases */
void run_close(struct run_work *w);

/* Appends evidence in a transaction of its own and shows it. */
int run_record(struct run_work *w, const char *kind, json_t *body, struct err **err);

/* Moves to `next` and records it, with the verdict when `next` is an end. */
int run_move(struct run_work *w, enum run_state next, struct err **err);

/* Fills in verdict `broken` with the error's words. */
void run_set_broken(struct run_work *w, const struct err *why);

char *run_lock_path(const struct site *site, int64_t id); /* the caller frees */

/* Closes a run that nobody works on; ERR_CONFLICT when somebody does or it has ended. */
int run_close_broken(const struct site *site, int64_t id, const char *why, struct err **err);

/* Back to QUEUED, for another try on fresh clones. */
int run_put_back(struct run_work *w, const char *why, struct err **err);

/* The steps. */
int run_prepare(struct run_work *w, struct err **err);
int run_lanes(struct run_work *w, struct err **err);
int run_compare(struct run_work *w, struct err **err);
int run_confirm(struct run_work *w, struct err **err);

/* One round: both lanes at the same time, for what `round` says; its reports are filled in. */
int run_both_lanes(struct run_work *w, struct run_round *round, struct err **err);

/* The same with the baseline lane alone. */
int run_baseline_lane(struct run_work *w, struct run_round *round, struct err **err);

/* One more round; the pointer holds until the next one. */
struct run_round *run_add_round(struct run_work *w);

#endif
