/* After the lanes: compare, decide whether to look again, and what the verdict record holds. */
#include "base/err.h"
#include "base/mem.h"
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

/* What the parts of a run say of the patch; `facts` points into the rest. */
struct judgement {
    struct scan_reasons scan;
    struct apply_reasons apply;
    struct stage_reasons stage;
    struct strv change_reviews, change_notes, manual_reviews;
    json_t *packages, *manual; /* for the record */
    struct verdict_facts facts;
};

static void judgement_release(struct judgement *j)
{
    scan_reasons_release(&j->scan);
    apply_reasons_release(&j->apply);
    stage_reasons_release(&j->stage);
    strv_release(&j->change_reviews);
    strv_release(&j->change_notes);
    strv_release(&j->manual_reviews);
    json_decref(j->packages);
    json_decref(j->manual);
}
#define AUTO_JUDGEMENT __attribute__((cleanup(judgement_release))) struct judgement

static void judge(const struct run_work *w, struct judgement *ret)
{
    const struct lane_report *b = &w->rounds[0].reports[LANE_CANDIDATE];
    const struct pkgmgr *kind = site_pkgmgr(w->site, w->patch.kind);
    size_t changed = 0;

    /* A guest that was lost while the patch was applied has no second list. */
    ret->packages = b->after.len ? packages_diff(&b->before, &b->after, &changed) : json_null();
    ret->manual = manual_steps(&w->testcases, w->options.last);
    scan_judge(&w->claims, b, &ret->scan);
    apply_judge(&b->facts, &ret->apply);
    stage_judge(b, &w->rows, &ret->stage);
    run_changes_judge(w, &ret->change_reviews, &ret->change_notes);
    manual_reasons(ret->manual, &ret->manual_reviews);
    ret->facts = (struct verdict_facts){
        .comparisons = &w->rows,
        .gates = w->options.gates,
        .applied = count_applied(w),
        .apply_tries = w->round_count,
        .apply_problem = apply_problem(w),
        .counts_packages = kind && kind->list,
        .packages_changed = changed,
        .scan_failures = &ret->scan.failures,
        .scan_reviews = &ret->scan.reviews,
        .scan_notes = &ret->scan.notes,
        .apply_broken = &ret->apply.broken,
        .apply_reviews = &ret->apply.reviews,
        .apply_notes = &ret->apply.notes,
        .manual_reviews = &ret->manual_reviews,
        .change_reviews = &ret->change_reviews,
        .change_notes = &ret->change_notes,
        .not_looked = w->options.observe && w->observe_note,
        .restart_problem = ret->stage.restart,
        .undo_problem = ret->stage.undo,
        .undo_impossible = ret->stage.impossible,
        .stage_notes = &ret->stage.notes,
    };
}

static int decide(struct run_work *w, struct err **err)
{
    const struct lane_report *reports = w->rounds[0].reports, *b = &reports[LANE_CANDIDATE];
    AUTO_JUDGEMENT j = { 0 };
    AUTO_STRV reasons = { 0 };
    unsigned causes;
    json_t *checks = comparisons_json(&w->rows, w->site->blobs, err);

    if (!checks)
        return -1;
    judge(w, &j);
    w->verdict = verdict_decide(&j.facts, &reasons, &causes);
    w->summary = json_pack("{s:s, s:o, s:o, s:o, s:O, s:b, s:o, s:o, s:b, s:i}", "verdict",
                           verdict_names[w->verdict], "reasons", json_strv(&reasons), "causes",
                           causes_json(causes), "checks", checks, "packages", j.packages, "applied",
                           b->applied, "apply_problem", json_text(j.facts.apply_problem), "apply",
                           apply_facts_json(&b->facts), "wants_reboot", b->wants_reboot, "rounds",
                           w->round_count);
    const struct {
        const char *key;
        json_t *value;
    } parts[] = {
        { "scan", run_scan_json(w, &reports[LANE_BASELINE], b) },
        { "gates", gates_json(&w->options.gates) },
        { "restart", restart_json(b) },
        { "rollback", rollback_json(b) },
        { "manual", json_incref(j.manual) },
        { "changes", run_changes_json(w, causes_are_open_matters(causes)) },
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        json_object_set_new(w->summary, parts[i].key, parts[i].value);
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
