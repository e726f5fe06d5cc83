/* The names of lanes, check points and stages; the table is drawn in stage.h. */
#include "core/stage.h"

#include <stddef.h>

const char *const lane_names[] = { "baseline", "candidate", NULL };
const char *const point_names[] = { "patched", "rebooted", NULL };

const char *stage_name(enum lane lane, enum check_point point)
{
    static const char *const names[LANE_MAX_][POINT_MAX_] = {
        [LANE_BASELINE] = { "as-is", "rebooted" },
        [LANE_CANDIDATE] = { "patched", "rebooted" },
    };

    return names[lane][point];
}
