/*
 * stage - the states of a clone in which checks run, and the lanes they belong to.
 *
 *     check point    baseline lane                candidate lane
 *     first          as-is                        patched: nothing was restarted yet
 *     restarted      (as-is again, to confirm)    restarted: what used replaced files
 *     rebooted       rebooted                     rebooted
 *     rolled-back    (rebooted again)             rolled-back: the patch was taken out again
 *
 * A result of the candidate is compared with the baseline's at the same check point, or, where the
 * baseline is not asked again, at the point's base.  Only rounds that confirm a difference ask it
 * again: a check that cannot be run twice is then found out, and not blamed on the patch.
 */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include "base/json.h"

enum lane { LANE_BASELINE, LANE_CANDIDATE, LANE_MAX_ };
extern const char *const lane_names[]; /* "baseline", "candidate", NULL */

enum check_point { POINT_FIRST, POINT_RESTARTED, POINT_REBOOTED, POINT_ROLLED_BACK, POINT_MAX_ };

/* testcase.yaml names a check point by its candidate stage: "patched", "restarted", ... */
extern const char *const point_names[];
const char *stage_name(enum lane lane, enum check_point point);

/* RESTARTED: FIRST, ROLLED_BACK: REBOOTED, else the point itself. */
enum check_point point_base(enum check_point point);

/* Bits of all points that have this base. */
unsigned point_group(enum check_point base);

/* Bits of all points up to this one. */
unsigned points_until(enum check_point last);

/* How much it counts what is worse at a check point than it was: the verdict is this, at most. */
enum gate_level { GATE_FAIL, GATE_REVIEW, GATE_NOTE, GATE_MAX_ };
extern const char *const gate_level_names[]; /* "fail", "review", "note", NULL */

struct gates {
    int level[POINT_MAX_]; /* enum gate_level */
};
#define GATES_DEFAULT \
    { \
        { \
            [POINT_ROLLED_BACK] = GATE_REVIEW \
        } \
    }

/* {"patched": "fail", ...}; what a record does not say is as by default. */
json_t *gates_json(const struct gates *g);
struct gates gates_from_json(const json_t *j);

#endif
