/* From comparisons to a verdict with reasons; the rules are in verdict.h. */
#include "core/verdict.h"

#include "base/mem.h"
#include "base/str.h"

const char *const verdict_names[] = { "pass", "fail", "review", "broken", NULL };

enum { SENTENCES_MAX = 10 }; /* of a class */

static size_t count(const struct comparison_list *l, enum compare_class class)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++)
        n += l->ptr[i].class == class;
    return n;
}

/* ": with the patch it failed 1 of 2 times, without 0 of 2". */
static char *counts_of(const struct comparison *c)
{
    if (c->rounds < 2)
        return xstrdup("");
    return xasprintf(": with the patch it failed %d of %d times, without %d of %d",
                     c->is.fail + c->is.other, c->rounds, c->was.fail + c->was.other, c->rounds);
}

/* A check with a test of the same class: the test says more. */
static bool is_told_by_tests(const struct comparison_list *l, size_t i)
{
    const struct comparison *c = &l->ptr[i];
    const struct result *whole = comparison_any(c);

    for (size_t k = i + 1; k < l->len && !whole->sub; k++) {
        const struct result *r = comparison_any(&l->ptr[k]);
        if (!r->sub || l->ptr[k].point != c->point || !str_eq(r->check, whole->check)
            || !str_eq(r->testcase, whole->testcase))
            return false;
        if (l->ptr[k].class == c->class)
            return true;
    }
    return false;
}

enum gate_level verdict_row_gate(const struct gates *g, const struct comparison *c)
{
    int level = g->level[c->point];

    if (c->class == CLASS_REGRESSION)
        return (enum gate_level)level;
    return (c->class == CLASS_FLAKY || c->class == CLASS_MISSING) && level != GATE_NOTE
               ? GATE_REVIEW
               : GATE_NOTE;
}

enum gate_level verdict_restart_gate(const struct verdict_facts *f)
{
    return f->restart_problem ? (enum gate_level)f->gates.level[POINT_RESTARTED] : GATE_NOTE;
}

enum gate_level verdict_undo_gate(const struct verdict_facts *f)
{
    int level = f->gates.level[POINT_ROLLED_BACK];

    if (f->undo_problem || (f->undo_impossible && level == GATE_FAIL))
        return (enum gate_level)level;
    return GATE_NOTE;
}

static const char *words_of(const struct comparison *c, const char *what)
{
    if (c->class == CLASS_REGRESSION && c->point == POINT_ROLLED_BACK)
        return "passed before and fails once the patch is undone";
    return what;
}

/* One sentence for each row of the class that counts as `gate`: "check 'web-shop/order' ... at
 * stage 'patched'". */
static void add_rows(const struct verdict_facts *f, enum compare_class class, enum gate_level gate,
                     const char *what, struct strv *ret)
{
    const struct comparison_list *l = f->comparisons;
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        const struct comparison *c = &l->ptr[i];
        const struct result *any = comparison_any(c);
        const char *why = c->after && !any->sub ? c->after->message : NULL;
        if (c->class != class || verdict_row_gate(&f->gates, c) != gate || is_told_by_tests(l, i)
            || n++ >= SENTENCES_MAX)
            continue;
        AUTO_FREE char *name = comparison_name(c), *counts = counts_of(c);
        strv_addf(ret, "%s %s at stage '%s'%s%s%s%s", name, words_of(c, what),
                  stage_name(LANE_CANDIDATE, c->point), why ? " (" : "", why ? why : "",
                  why ? ")" : "", counts);
    }
    if (n > SENTENCES_MAX)
        strv_addf(ret, "and %zu more, each of which %s", n - SENTENCES_MAX, what);
}

static const char regressed[] = "passed before and fails with the patch";
static const char flaky[] = "does not give the same result twice";
static const char missing[] = "has no result that can be compared";

/* What went wrong at a stage beyond the checks. */
static void add_stage_problems(const struct verdict_facts *f, enum gate_level gate,
                               struct strv *ret)
{
    if (f->restart_problem && verdict_restart_gate(f) == gate)
        strv_add(ret, f->restart_problem);
    if (f->undo_problem && verdict_undo_gate(f) == gate)
        strv_add(ret, f->undo_problem);
    if (f->undo_impossible && verdict_undo_gate(f) == gate)
        strv_add(ret, f->undo_impossible);
}

static void add_all(const struct strv *sentences, struct strv *ret)
{
    for (size_t i = 0; sentences && i < sentences->len; i++)
        strv_add(ret, sentences->ptr[i]);
}

static enum verdict reasons_to_fail(const struct verdict_facts *f, struct strv *ret)
{
    if (f->applied == 0)
        strv_addf(ret, "the patch could not be applied: %s",
                  f->apply_problem ? f->apply_problem : "no result");
    if (f->applied == 0)
        add_all(f->apply_broken, ret);
    add_rows(f, CLASS_REGRESSION, GATE_FAIL, regressed, ret);
    add_stage_problems(f, GATE_FAIL, ret);
    add_all(f->scan_failures, ret);
    return ret->len ? VERDICT_FAIL : VERDICT_PASS;
}

static enum verdict reasons_to_review(const struct verdict_facts *f, struct strv *ret)
{
    if (f->applied < f->apply_tries)
        strv_addf(ret, "the patch could be applied in %d of %d tries: %s", f->applied,
                  f->apply_tries, f->apply_problem ? f->apply_problem : "no result");
    add_all(f->apply_broken, ret);
    add_all(f->apply_reviews, ret);
    add_rows(f, CLASS_REGRESSION, GATE_REVIEW, regressed, ret);
    add_stage_problems(f, GATE_REVIEW, ret);
    add_rows(f, CLASS_FLAKY, GATE_REVIEW, flaky, ret);
    add_rows(f, CLASS_MISSING, GATE_REVIEW, missing, ret);
    if (f->counts_packages && f->packages_changed == 0)
        strv_add(ret, "the patch changed no installed package");
    add_all(f->scan_reviews, ret);
    add_all(f->change_reviews, ret);
    add_all(f->manual_reviews, ret);
    if (count(f->comparisons, CLASS_OK) + count(f->comparisons, CLASS_FIXED) == 0)
        strv_add(ret, "no check passed with the patch");
    return ret->len ? VERDICT_REVIEW : VERDICT_PASS;
}

static void add_passed(const struct comparison_list *l, struct strv *ret)
{
    size_t checks = 0, tests = 0;

    for (size_t i = 0; i < l->len; i++) {
        const struct comparison *c = &l->ptr[i];
        bool is_test = comparison_any(c)->sub;
        checks += c->class == CLASS_OK && !is_test;
        tests += c->class == CLASS_OK && is_test;
    }
    if (tests > 0)
        strv_addf(ret,
                  "%zu checks, and %zu tests in checks, pass with the patch as they did before",
                  checks, tests);
    else
        strv_addf(ret, "%zu checks pass with the patch as they did before", checks);
}

static void add_notes(const struct verdict_facts *f, struct strv *ret)
{
    add_passed(f->comparisons, ret);
    add_rows(f, CLASS_FIXED, GATE_NOTE, "failed before and passes with the patch", ret);
    add_rows(f, CLASS_KNOWN_FAILURE, GATE_NOTE, "fails without the patch too", ret);
    add_rows(f, CLASS_REGRESSION, GATE_NOTE, regressed, ret);
    add_rows(f, CLASS_FLAKY, GATE_NOTE, flaky, ret);
    add_rows(f, CLASS_MISSING, GATE_NOTE, missing, ret);
    add_stage_problems(f, GATE_NOTE, ret);
    add_all(f->stage_notes, ret);
    add_all(f->scan_notes, ret);
    add_all(f->change_notes, ret);
}

enum verdict verdict_decide(const struct verdict_facts *f, struct strv *ret_reasons)
{
    enum verdict v = reasons_to_fail(f, ret_reasons);

    if (v == VERDICT_FAIL)
        add_all(f->apply_reviews, ret_reasons);
    if (v == VERDICT_PASS)
        v = reasons_to_review(f, ret_reasons);
    if (v == VERDICT_PASS)
        add_notes(f, ret_reasons);
    add_all(f->apply_notes, ret_reasons);
    return v;
}
