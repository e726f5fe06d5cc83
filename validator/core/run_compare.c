/* After the lanes: compare, decide, and the summary that the verdict record holds. */
#include "base/err.h"
#include "core/packages.h"
#include "core/run_work.h"

static json_t *rows_json(const struct comparison_list *l)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < l->len; i++)
        json_array_append_new(rows, comparison_json(&l->ptr[i]));
    return rows;
}

int run_compare(struct run_work *w, struct err **err)
{
    const struct lane_report *a = &w->reports[LANE_BASELINE], *b = &w->reports[LANE_CANDIDATE];
    const struct pkgmgr *kind = site_pkgmgr(w->site, w->patch.kind);
    struct comparison_list rows = { 0 };
    AUTO_STRV reasons = { 0 };
    size_t changed = 0;

    (void)err;
    compare_results(&a->results, &b->results, &rows);
    /* A guest that was lost while the patch was applied has no second list. */
    json_t *packages = b->after.len ? packages_diff(&b->before, &b->after, &changed) : json_null();
    struct verdict_facts facts = {
        .comparisons = &rows,
        .applied = b->applied,
        .apply_problem = b->apply_problem,
        .counts_packages = kind && kind->list,
        .packages_changed = changed,
    };
    w->verdict = verdict_decide(&facts, &reasons);
    w->summary = json_pack(
        "{s:s, s:o, s:o, s:o, s:b, s:o, s:b}", "verdict", verdict_names[w->verdict], "reasons",
        json_strv(&reasons), "checks", rows_json(&rows), "packages", packages, "applied",
        b->applied, "apply_problem", json_text(b->apply_problem), "wants_reboot", b->wants_reboot);
    comparison_list_release(&rows);
    return 0;
}
