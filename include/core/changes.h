/*
 * changes - the unexplained changes of a run (core/observe.h), and owners who take them on.
 *
 * What was noise, what was explained and what is open stands in the run's verdict and never
 * changes.  An acknowledgement is a record of its own: "this change is wanted".  It holds for its
 * run, and for the same change (kind, key and values) of the same patch on the same image in runs
 * that come later; those say so.
 *
 * The gate (core/signoff.h) takes a `review` like a `pass` when unexplained changes were all that
 * was to be reviewed and all of them are acknowledged.
 */
#ifndef CORE_CHANGES_H
#define CORE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct err;
struct store;
struct strv;

/* Of more changes than this nobody can be asked to look at each; the rest is counted. */
#define CHANGES_KEPT 1000

/*
 * {"run","observed","note","baselines","explained","noise","open","more","only_reason","items"}:
 * docs/formats.md, 'changes'.  Items are those that are open or were acknowledged, with the state
 * of now.  ERR_NOT_FOUND without a run, ERR_CONFLICT while it has no verdict.
 */
json_t *changes_of_run(struct store *s, int64_t run, struct err **err);

/*
 * A person takes on changes: ids of items, or the beginnings of such (four digits or more), or all
 * that are open when `items` is empty.  Moves the queue as the gate then says, in one transaction.
 * *ret_count: how many are new.  ERR_NOT_FOUND: no such item; ERR_INVALID: a bad name, no remark,
 * an id that fits several; ERR_DENIED: the person signed the run in another role than owner;
 * ERR_CONFLICT: the run has no open changes, or more than are kept.
 */
int changes_acknowledge(struct store *s, int64_t run, const struct strv *items, const char *person,
                        const char *remark, size_t *ret_count, struct err **err);

/* Looks one up for a new run: 1 and who and in which run, 0 nobody did, -1. */
int changes_find_acknowledged(struct store *s, int64_t image, int64_t patch, const char *item,
                              char **ret_who, struct err **err);

/* For the gate: are changes all that is to be reviewed, and how many are still open? */
int changes_gate(struct store *s, int64_t run, bool *ret_only, size_t *ret_open, struct err **err);

#endif
