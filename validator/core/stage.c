/* The names of lanes, check points, stages and gates; the table is drawn in stage.h. */
#include "core/stage.h"

#include <stddef.h>

#include "base/str.h"

const char *const lane_names[] = { "baseline", "candidate", NULL };
const char *const point_names[] = { "patched", "restarted", "rebooted", "rolled-back", NULL };
const char *const gate_level_names[] = { "fail", "review", "note", NULL };

const char *stage_name(enum lane lane, enum check_point point)
{
    static const char *const names[LANE_MAX_][POINT_MAX_] = {
        [LANE_BASELINE] = { "as-is", "as-is again", "rebooted", "rebooted again" },
        [LANE_CANDIDATE] = { "patched", "restarted", "rebooted", "rolled-back" },
    };

    return names[lane][point];
}

enum check_point point_base(enum check_point point)
{
    static const enum check_point bases[POINT_MAX_] = {
        [POINT_FIRST] = POINT_FIRST,
        [POINT_RESTARTED] = POINT_FIRST,
        [POINT_REBOOTED] = POINT_REBOOTED,
        [POINT_ROLLED_BACK] = POINT_REBOOTED,
    };

    return bases[point];
}

unsigned point_group(enum check_point base)
{
    unsigned points = 0;

    for (int i = 0; i < POINT_MAX_; i++)
        points |= (unsigned)(point_base((enum check_point)i) == base) << i;
    return points;
}

unsigned points_until(enum check_point last)
{
    return (2u << last) - 1;
}

json_t *gates_json(const struct gates *g)
{
    json_t *j = json_object();

    for (int i = 0; i < POINT_MAX_; i++)
        json_object_set_new(j, point_names[i], json_string(gate_level_names[g->level[i]]));
    return j;
}

struct gates gates_from_json(const json_t *j)
{
    struct gates g = GATES_DEFAULT;

    for (int i = 0; i < POINT_MAX_; i++) {
        int level = str_index(gate_level_names, json_str_at(j, point_names[i]));
        g.level[i] = level < 0 ? g.level[i] : level;
    }
    return g;
}
