/*
 * stage - the states of a clone in which checks run, and the lanes they belong to.
 *
 *     check point    baseline lane    candidate lane
 *     first          as-is            patched
 *     rebooted       rebooted         rebooted
 *
 * Results of the two lanes are compared at the same check point.
 */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

enum lane { LANE_BASELINE, LANE_CANDIDATE, LANE_MAX_ };
extern const char *const lane_names[]; /* "baseline", "candidate", NULL */

enum check_point { POINT_FIRST, POINT_REBOOTED, POINT_MAX_ };

/* testcase.yaml names a check point by its candidate stage: "patched", "rebooted". */
extern const char *const point_names[];
const char *stage_name(enum lane lane, enum check_point point);

#endif
