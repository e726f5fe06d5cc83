/*
 * A difference between the lanes is looked at again: both lanes on fresh clones, with the testcases
 * in which something differed, as far as the last check point at which it did.  What a check left
 * behind can matter to the next one, so a testcase runs whole.
 */
#include "base/str.h"
#include "core/run_observe.h"
#include "core/run_work.h"

static bool differs(const struct run_work *w, const struct testcase *t)
{
    for (size_t i = 0; i < w->rows.len; i++) {
        const struct comparison *c = &w->rows.ptr[i];
        if (comparison_differs(c) && str_eq(comparison_any(c)->testcase, t->name))
            return true;
    }
    return false;
}

static enum check_point last_difference(const struct comparison_list *rows)
{
    enum check_point last = POINT_FIRST;

    for (size_t i = 0; i < rows->len; i++) {
        const struct comparison *c = &rows->ptr[i];
        if (comparison_differs(c) && c->point > last)
            last = c->point;
    }
    return last;
}

int run_confirm(struct run_work *w, struct err **err)
{
    if (w->wants_untouched)
        return run_look_again(w, err);
    struct run_round *round = run_add_round(w);
    enum check_point last = last_difference(&w->rows);
    json_t *names = json_array();

    for (size_t i = 0; i < w->testcases.len; i++) {
        if (!differs(w, &w->testcases.ptr[i]))
            continue;
        round->testcases[round->testcase_count++] = w->testcases.ptr[i];
        json_array_append_new(names, json_string(w->testcases.ptr[i].name));
    }
    /* What the first round left out has no rows to be confirmed. */
    round->points = points_until(last) & ~w->rounds[0].reports[LANE_CANDIDATE].left_out;
    AUTO_JSON *body = json_pack("{s:i, s:o, s:s}", "round", w->round_count, "testcases", names,
                                "last", point_names[last]);
    if (run_record(w, "run.confirm", body, err) < 0 || run_both_lanes(w, round, err) < 0)
        return -1;
    compare_confirm(&w->rows, &round->reports[LANE_BASELINE].results,
                    &round->reports[LANE_CANDIDATE].results);
    return 0;
}
