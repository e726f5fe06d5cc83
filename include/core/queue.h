/*
 * queue - approved patches waiting for the rollout tool: one entry for each (patch, server).
 *
 *               .--- lease over ---.
 *               v                  |
 *     .----> READY ---lease---> LEASED ---ack---> DONE
 *     |        |                 |  '-----fail--> FAILED
 *  release     '----- hold ------'                   |
 *     |                v                             | a newer run is
 *     '------------- HELD                            | approved: READY
 *                     '------------------------------'
 *
 * A lease hands an entry to one rollout tool until it ends; an entry whose lease is over is ready
 * again (at-least-once: the entry id is the tool's idempotency key).  ack and fail need the lease
 * token, so that a late answer of a tool whose lease was given away is refused (ERR_CONFLICT).
 *
 * The gate of a run may close again (somebody refuses): its entries are then held and nobody gets
 * them.  A tool that has such an entry on lease can still answer, as what it did is done.
 *
 * Every move is also a record in the evidence of the run: queue.added, queue.leased, queue.done,
 * queue.failed, queue.held, queue.released.  Tokens are secrets of the tool and stay out of it.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stdint.h>

#include "base/json.h"

struct err;
struct store;

enum queue_state {
    QUEUE_READY,
    QUEUE_LEASED,
    QUEUE_DONE,
    QUEUE_FAILED,
    QUEUE_HELD,
    QUEUE_STATE_MAX_,
};
extern const char *const queue_state_names[]; /* "ready", "leased", ..., NULL */

/*
 * All inside the caller's transaction; the first two when the gate of the run opens and closes.
 *
 * queue_add_run: one entry for each server that the run's image stands for (core/server.h).  Held
 * entries of this run are released; held and failed ones of an older run are taken over; others
 * that exist are left alone.  queue_hold_run: `reason` is kept as the result of the entry, for
 * people.
 * *ret counts the entries that were added or moved.
 */
int queue_add_run(struct store *s, int64_t run, int *ret, struct err **err);
int queue_hold_run(struct store *s, int64_t run, const char *reason, int *ret, struct err **err);

/* Holds what waits for a server but was tested with an image that does not stand for it. */
int queue_hold_strays(struct store *s, const char *server, const char *reason, struct err **err);

/*
 * Entries as JSON objects, in queue order (by id):
 *
 *     {"id", "state", "server", "patch": {"name", "version", "digest", "kind"},
 *      "image": {"name", "digest"}, "run", "covers": {...}, "attempts", "created", "changed",
 *      "lease": {"holder", "until"} or null, "result": the remark, the reason or null}
 *
 * An entry whose lease is over shows as ready.  Times are milliseconds.  state NULL: all (an
 * unknown one is ERR_INVALID); limit 0: all.
 */
json_t *queue_list(struct store *s, const char *state, int64_t limit, struct err **err);

/*
 * The next ready entry (the lowest id; of lapsed leases the one that lapsed first), leased to
 * `holder`, a person or machine by the rule of person_is_valid(), for `lease_ms` > 0; `server`
 * NULL: any.  Returns the object of queue_list() with "lease": {"token", "holder", "until"}.
 * ERR_NOT_FOUND when nothing is ready.  A transaction of its own, as the two below.
 */
json_t *queue_lease(struct store *s, const char *holder, const char *server, int64_t lease_ms,
                    struct err **err);

/* Ends a lease: done (`remark` may be NULL), or failed with a reason.  Repeating the same answer
 * with the same token is fine (it changes nothing).  ERR_NOT_FOUND: no such entry; ERR_CONFLICT:
 * the token is not that of the last lease, or it was answered otherwise already. */
int queue_ack(struct store *s, int64_t id, const char *token, const char *remark, struct err **err);
int queue_fail(struct store *s, int64_t id, const char *token, const char *reason,
               struct err **err);

#endif
