/* What restarting and undoing came to; see stage_facts.h. */
#include "core/stage_facts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/unit.h"
#include "core/lane.h"
#include "core/packages.h"

enum { LISTED_MAX = 50, NAMED_MAX = 3 };

/* --- JSON ----------------------------------------------------------------------------------- */

json_t *stale_json(const struct stale_list *l, size_t max)
{
    json_t *list = json_array();

    for (size_t i = 0; i < l->len && i < max; i++) {
        const struct stale_process *p = &l->ptr[i];
        json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:o}", "pid", (json_int_t)p->pid,
                                              "name", json_text(p->name), "unit",
                                              json_text(p->unit), "file", json_text(p->file)));
    }
    return list;
}

static json_t *processes_json(const struct stale_list *l)
{
    return json_pack("{s:I, s:o}", "count", (json_int_t)l->len, "first", stale_json(l, LISTED_MAX));
}

/* Who uses replaced files until the next reboot. */
static const struct stale_list *remaining(const struct restart_report *r)
{
    return r->units.len > 0 ? &r->after : &r->before;
}

json_t *restart_json(const struct lane_report *candidate)
{
    const struct restart_report *r = &candidate->restart;

    if (!r->looked && !r->problem)
        return json_null();
    return json_pack("{s:b, s:o, s:o, s:I, s:o, s:o}", "ok", !r->problem, "problem",
                     json_text(r->problem), "units", json_strv(&r->units), "ms", (json_int_t)r->ms,
                     "before", processes_json(&r->before), "after", processes_json(remaining(r)));
}

/* Undoing it was begun and its end was not seen. */
static bool was_lost(const struct rollback_report *r)
{
    return r->tried && !r->ok && !r->problem;
}

json_t *rollback_json(const struct lane_report *candidate)
{
    const struct rollback_report *r = &candidate->rollback;
    size_t count;

    if (!r->tried)
        return json_null();
    const char *problem = was_lost(r) ? "the guest was lost meanwhile" : r->problem;
    json_t *left = r->listed ? packages_diff(&candidate->before, &r->after, &count) : json_null();
    return json_pack("{s:b, s:b, s:o, s:I, s:o, s:o}", "possible", r->how || was_lost(r), "ok",
                     r->ok, "how", json_text(r->how), "ms", (json_int_t)r->ms, "problem",
                     json_text(problem), "left_behind", left);
}

/* --- sentences ------------------------------------------------------------------------------ */

static void judge_restart(const struct restart_report *r, struct stage_reasons *ret)
{
    const struct stale_list *rest = remaining(r);
    AUTO_STRV names = { 0 };

    if (r->problem && r->units.len == 0)
        ret->restart = xstrdup(r->problem);
    else if (r->problem)
        ret->restart = xasprintf("services could not be restarted: %s", r->problem);
    for (size_t i = 0; i < rest->len && i < NAMED_MAX; i++)
        strv_addf(&names, "%s (%s)", rest->ptr[i].name, rest->ptr[i].file);
    AUTO_FREE char *list = strv_join(&names, ", ");
    if (r->units.len > 0)
        strv_addf(&ret->notes, "%zu service%s used replaced files and %s restarted", r->units.len,
                  r->units.len == 1 ? "" : "s", r->units.len == 1 ? "was" : "were");
    if (rest->len > 0)
        strv_addf(&ret->notes, "%zu process%s replaced files until the next reboot: %s%s",
                  rest->len, rest->len == 1 ? " uses" : "es use", list,
                  rest->len > NAMED_MAX ? ", ..." : "");
}

static size_t count_left(const struct lane_report *candidate)
{
    const struct rollback_report *r = &candidate->rollback;
    size_t n = 0;

    if (r->listed)
        json_decref(packages_diff(&candidate->before, &r->after, &n));
    return n;
}

static bool all_holds(const struct comparison_list *rows)
{
    for (size_t i = 0; i < rows->len; i++) {
        const struct comparison *c = &rows->ptr[i];
        if (c->point == POINT_ROLLED_BACK && c->class == CLASS_REGRESSION)
            return false;
    }
    return true;
}

static void judge_rollback(const struct lane_report *candidate, const struct comparison_list *rows,
                           struct stage_reasons *ret)
{
    const struct rollback_report *r = &candidate->rollback;
    AUTO_FREE char *took = unit_duration(r->ms);

    if (!r->tried)
        return;
    if (was_lost(r)) {
        ret->undo = xstrdup("the guest was lost while the patch was undone");
    } else if (!r->how) {
        ret->impossible = xasprintf("only by restoring the VM: %s", r->problem);
    } else if (!r->ok) {
        ret->undo = xasprintf("the patch could not be undone by %s: %s", r->how, r->problem);
    } else {
        size_t left = count_left(candidate);
        AUTO_FREE char *packages = left > 0 ? xasprintf("; %zu package%s otherwise than before",
                                                        left, left == 1 ? " stays" : "s stay")
                                            : xstrdup("");
        strv_addf(&ret->notes, "%s by %s in %s%s%s", all_holds(rows) ? "reversible" : "undone",
                  r->how, took,
                  all_holds(rows) ? "" : ", but not all checks pass again that passed before",
                  packages);
    }
}

void stage_judge(const struct lane_report *candidate, const struct comparison_list *rows,
                 struct stage_reasons *ret)
{
    judge_restart(&candidate->restart, ret);
    judge_rollback(candidate, rows, ret);
}

void stage_reasons_release(struct stage_reasons *r)
{
    free(r->restart);
    free(r->undo);
    free(r->impossible);
    strv_release(&r->notes);
    *r = (struct stage_reasons){ 0 };
}
