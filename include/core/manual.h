/*
 * manual - steps of a run that people take, and what they found.
 *
 * Which steps a run has stands in its verdict, with their texts, and never changes; while one is
 * open the verdict is `review` at best.  An answer is a record of its own, append-only.  A later
 * answer of the same person to the same step replaces his earlier one.  A step
 *
 *     failed    while a failure of anybody stands: the gate stays closed
 *     passed    otherwise, when somebody found it in order
 *     skipped   otherwise, when somebody could not take it: it is as good as open
 *     open      otherwise
 *
 * The gate (core/signoff.h) takes a `review` like a `pass` when open matters were all that was to
 * be reviewed and all of them are settled.
 */
#ifndef CORE_MANUAL_H
#define CORE_MANUAL_H

#include <stdint.h>

#include "base/json.h"
#include "core/stage.h"

struct err;
struct store;
struct strv;
struct testcase_list;

enum manual_result { MANUAL_PASS, MANUAL_FAIL, MANUAL_SKIP };
extern const char *const manual_result_names[]; /* "pass", "fail", "skip", NULL */

/* For the verdict: [{"step","title","stages","text"}] of all steps that belong to a run which ends
 * after `last`; and a sentence for each, as a reason. */
json_t *manual_steps(const struct testcase_list *testcases, enum check_point last);
void manual_reasons(const json_t *steps, struct strv *ret);

/* {"run","open","failed","steps":[{"step","title","stages","text","state","answers"}]}:
 * docs/formats.md, 'manual steps'.  ERR_NOT_FOUND without a run, ERR_CONFLICT without a verdict. */
json_t *manual_of_run(struct store *s, int64_t run, struct err **err);

/*
 * Records one answer and moves the queue as the gate then says, in one transaction of its own.
 * `step` is "TESTCASE/NAME", or NAME when that is one step alone.  ERR_NOT_FOUND: no such run or
 * step; ERR_CONFLICT: no verdict yet; ERR_INVALID: a name that fits several steps, a bad person, a
 * remark that is too long, or none with `fail` or `skip`.
 */
int manual_answer(struct store *s, int64_t run, const char *step, enum manual_result result,
                  const char *person, const char *remark, struct err **err);

/* For the gate: one sentence for each step that is not passed. */
int manual_gate(struct store *s, int64_t run, struct strv *ret_open, struct strv *ret_failed,
                struct err **err);

#endif
