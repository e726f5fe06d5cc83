/* After the lanes: compare, decide whether to look again, and what the verdict record holds. */
#include "base/err.h"
#include "core/cause.h"
#include "core/manual.h"
#include "core/packages.h"
#include "core/run_observe.h"
#include "core/run_scan.h"
#include "core/run_work.h"
#include "core/stage_facts.h"

static bool any_difference(const struct comparison_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        if (comparison_differs(&l->ptr[i]))
            return true;
    }
    return false;
}

/* In how many rounds the patch could be applied. */
static int count_applied(const struct run_work *w)
{
    int n = 0;

    for (int i = 0; i < w->round_count; i++)
        n += w->rounds[i].reports[LANE_CANDIDATE].applied;
    return n;
}

/* What did not apply is tried again like any other difference. */
static bool must_confirm(const struct run_work *w)
{
    int applied = count_applied(w);

    return w->round_count <= w->options.confirm && (any_difference(&w->rows) || applied == 0);
}

/* It fails whatever else has changed. */
static bool has_failed(const struct run_work *w)
{
    for (size_t i = 0; i < w->rows.len; i++) {
        if (verdict_row_cause(&w->options.gates, &w->rows.ptr[i]) == CAUSE_REGRESSION)
            return true;
    }
    return count_applied(w) == 0;
}

static const char *apply_problem(const struct run_work *w)
{
    for (int i = 0; i < w->round_count; i++) {
        if (w->rounds[i].reports[LANE_CANDIDATE].apply_problem)
            return w->rounds[i].reports[LANE_CANDIDATE].apply_problem;
    }
    return NULL;
}

static int decide(struct run_work *w, struct err **err)
{
    const struct lane_report *b = &w->rounds[0].reports[LANE_CANDIDATE];
    const struct pkgmgr *kind = site_pkgmgr(w->site, w->patch.kind);
    AUTO_SCAN_REASONS scan = { 0 };
    AUTO_APPLY_REASONS apply = { 0 };
    AUTO_STAGE_REASONS stage = { 0 };
    AUTO_STRV change_reviews = { 0 }, change_notes = { 0 }, manual_reviews = { 0 };
    AUTO_STRV reasons = { 0 };
    size_t changed = 0;
    unsigned causes;
    json_t *checks = comparisons_json(&w->rows, w->site->blobs, err);

    if (!checks)
        return -1;

    /* A guest that was lost while the patch was applied has no second list. */
    json_t *packages = b->after.len ? packages_diff(&b->before, &b->after, &changed) : json_null();
    scan_judge(&w->claims, b, &scan);
    apply_judge(&b->facts, &apply);
    stage_judge(b, &w->rows, &stage);
    run_changes_judge(w, &change_reviews, &change_notes);
    json_t *manual = manual_steps(&w->testcases, w->options.last);
    manual_reasons(manual, &manual_reviews);
    struct verdict_facts facts = {
        .comparisons = &w->rows,
        .gates = w->options.gates,
        .applied = count_applied(w),
        .apply_tries = w->round_count,
        .apply_problem = apply_problem(w),
        .counts_packages = kind && kind->list,
        .packages_changed = changed,
        .scan_failures = &scan.failures,
        .scan_reviews = &scan.reviews,
        .scan_notes = &scan.notes,
        .apply_broken = &apply.broken,
        .apply_reviews = &apply.reviews,
        .apply_notes = &apply.notes,
        .manual_reviews = &manual_reviews,
        .change_reviews = &change_reviews,
        .change_notes = &change_notes,
        .not_looked = w->options.observe && w->observe_note,
        .restart_problem = stage.restart,
        .undo_problem = stage.undo,
        .undo_impossible = stage.impossible,
        .stage_notes = &stage.notes,
    };
    w->verdict = verdict_decide(&facts, &reasons, &causes);
    w->summary = json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:b, s:i, s:o}", "verdict",
                           verdict_names[w->verdict], "reasons", json_strv(&reasons), "causes",
                           causes_json(causes), "checks", checks, "packages", packages, "applied",
                           b->applied, "apply_problem", json_text(facts.apply_problem), "apply",
                           apply_facts_json(&b->facts), "wants_reboot", b->wants_reboot, "rounds",
                           w->round_count, "scan",
                           run_scan_json(w, &w->rounds[0].reports[LANE_BASELINE], b));
    json_object_set_new(w->summary, "gates", gates_json(&w->options.gates));
    json_object_set_new(w->summary, "restart", restart_json(b));
    json_object_set_new(w->summary, "rollback", rollback_json(b));
    bool only_open = causes && !(causes & ~(1u << CAUSE_CHANGES | 1u << CAUSE_MANUAL));
    json_object_set_new(w->summary, "manual", manual);
    json_object_set_new(w->summary, "changes", run_changes_json(w, only_open));
    return 0;
}

int run_compare(struct run_work *w, struct err **err)
{
    const struct run_round *first = &w->rounds[0];

    if (w->round_count == 1 && !w->untouched)
        compare_results(&first->reports[LANE_BASELINE].results,
                        &first->reports[LANE_CANDIDATE].results,
                        first->points & ~first->reports[LANE_CANDIDATE].left_out, &w->rows);
    w->again = must_confirm(w);
    if (w->again)
        return 0;
    if (run_changes(w, err) < 0)
        return -1;
    w->again = w->wants_untouched && !has_failed(w);
    return w->again ? 0 : decide(w, err);
}
