/*
 * run - one validation of one patch against one image with its testcases.
 *
 *     QUEUED --> PREPARE --> LANES --> COMPARE --> DONE (verdict pass, fail or review)
 *                                       |  ^
 *                                       v  |   a difference is looked at again on fresh clones, an
 *                                       |  |   unexplained change on one more untouched clone
 *                                     CONFIRM
 *        '----------'----------'----------'------> BROKEN (verdict broken: the lab failed, or a
 *                                                  person or a signal stopped it)
 *
 * One function moves a run; it stores the new state and the evidence of the move in one
 * transaction.  While a process works on a run it holds DIR/runs/<id>.lock; a run that is neither
 * ended nor locked lost its process: run_recover() closes it as broken, or, when it was queued for
 * workers, puts it back, so that it starts again on fresh clones (RUN_TRIES_MAX times at most).
 * A worker that is stopped by a signal puts its run back as well.
 */
#ifndef CORE_RUN_H
#define CORE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "core/event.h"
#include "core/stage.h"
#include "core/verdict.h"

struct err;
struct site;
struct lab;
struct image;
struct patch;
struct testcase_list;

enum run_state {
    RUN_QUEUED,
    RUN_PREPARE,
    RUN_LANES,
    RUN_COMPARE,
    RUN_CONFIRM,
    RUN_DONE,
    RUN_BROKEN,
    RUN_STATE_MAX_
};
extern const char *const run_state_names[];

#define RUN_CONFIRM_MAX 9
#define RUN_TRIES_MAX 3
#define RUN_APPLICATIONS_MAX 5

struct run_options {
    int confirm; /* rounds on fresh clones before a difference counts, 0..RUN_CONFIRM_MAX */
    enum check_point last; /* the check point after which the lanes end */
    struct gates gates;    /* how much each check point counts */
    bool cold;             /* boot every clone, also when there is a warm image */
    bool observe;          /* what changes beyond the checks (core/observe.h) */
    const char *params;    /* absolute path of a params file (core/params.h); NULL: none */
    bool queued;           /* any worker may take it; else it is for who created it */
    const char *scanner;   /* by name (core/scanning.h); NULL: the default */
    int applications;      /* tries, while findings remain that the patch claims to fix */
};
#define RUN_OPTIONS_DEFAULT \
    (struct run_options) \
    { \
        .confirm = 1, .last = POINT_ROLLED_BACK, .gates = GATES_DEFAULT, .observe = true, \
        .applications = 2 \
    }

/* Creates a run in state QUEUED; the testcases go into the blob store.  ERR_INVALID: no testcase,
 * or a parameter without a value. */
int run_create(const struct site *site, const struct image *image, const struct patch *patch,
               const struct testcase_list *testcases, const struct run_options *options,
               int64_t *ret_id, struct err **err);

/*
 * Moves a run from where it is to its end.  `on_event` sees everything as it happens.  Returns 0
 * with the verdict, also when that is `broken`; -1 only when the outcome could not be recorded, or
 * with ERR_CANCELLED when a queued run was put back because of a signal.
 * ERR_CONFLICT: another process works on it, or it has ended.
 */
int run_execute(const struct site *site, struct lab *lab, int64_t id,
                void (*on_event)(void *arg, const struct event *e), void *arg, enum verdict *ret,
                struct err **err);

/* Closes runs whose process is gone, or puts them back; *ret counts both. */
int run_recover(const struct site *site, int *ret, struct err **err);

/*
 * For workers: the oldest run that waits for one, of all or of the `n` ids in `only`; 1 found, 0
 * none, -1.  Two workers may find the same: run_execute() then has ERR_CONFLICT for one of them,
 * and `after` (0: from the start) lets it look further.
 */
int run_next(const struct site *site, const int64_t *only, size_t n, int64_t after, int64_t *ret_id,
             struct err **err);

/*
 * For workers that have nothing to do: the lab keeps `count` standbys (ports/lab.h) of the image
 * that run `id` has.  Cheap when they are there.  Returns how many are: fewer where memory is
 * short, none of an image that is cold or removed.  -1: they cannot be made, or the site's stop.
 */
int run_standby(const struct site *site, struct lab *lab, int64_t id, int count, struct err **err);

/* Asks the process that works on it to stop; a run nobody works on is closed at once. */
int run_cancel(const struct site *site, int64_t id, struct err **err);

/* {"id","state","verdict","image","patch","created","ended","summary",...}: docs/formats.md */
json_t *run_json(const struct site *site, int64_t id, struct err **err);
json_t *run_list(const struct site *site, int64_t limit, struct err **err);

#endif
