/*
 * rollout - what a rollout tool does with the queue, in steps that fail the test when they fail.
 * On top of fixture.h; the caller owns the JSON.
 */
#ifndef FAKES_ROLLOUT_H
#define FAKES_ROLLOUT_H

#include "base/json.h"
#include "fakes/fixture.h"

#define MINUTE INT64_C(60000)

int rollout_add(struct fixture *f, int64_t run); /* queue_add_run(), queue_hold_run(): the count */
int rollout_hold(struct fixture *f, int64_t run, const char *reason);
int64_t rollout_run(struct fixture *f); /* a passed run, its entries for web-01, web-02 ready */

json_t *rollout_lease(struct fixture *f, const char *holder, const char *server); /* a minute */
void rollout_ack(struct fixture *f, const json_t *entry, const char *remark);
json_t *rollout_list(struct fixture *f, const char *state, int64_t limit);
int64_t id_of(const json_t *entry);
const char *token_of(const json_t *entry);

void expect_nothing_ready(struct fixture *f, const char *server);
void expect_ack_refused(struct fixture *f, const json_t *entry, const char *part);
void expect_states(struct fixture *f, const char *want);    /* "ready leased": by id */
void expect_verified(struct fixture *f);                    /* all evidence holds */
int64_t count_records(struct fixture *f, const char *kind); /* of evidence */

#endif
