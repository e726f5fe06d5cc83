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

enum cause verdict_row_cause(const struct gates *g, const struct comparison *c)
{
    int level = g->level[c->point];

    if (level == GATE_NOTE)
        return CAUSE_NONE;
    if (c->class == CLASS_REGRESSION)
        return level == GATE_FAIL ? CAUSE_REGRESSION : CAUSE_REVIEW_REGRESSION;
    if (c->class == CLASS_FLAKY)
        return CAUSE_FLAKY;
    return c->class == CLASS_MISSING ? CAUSE_MISSING : CAUSE_NONE;
}

/* Reasons of one weight, and what they belong to. */
struct reasons {
    struct strv sentences;
    unsigned causes; /* bits; notes have none that counts */
};

static void reasons_release(struct reasons *r)
{
    strv_release(&r->sentences);
}
#define AUTO_REASONS __attribute__((cleanup(reasons_release))) struct reasons

static void add(enum cause cause, const char *sentence, struct reasons *ret)
{
    if (!sentence)
        return;
    strv_add(&ret->sentences, sentence);
    ret->causes |= 1u << cause;
}

static void add_all(enum cause cause, const struct strv *sentences, struct reasons *ret)
{
    for (size_t i = 0; sentences && i < sentences->len; i++)
        add(cause, sentences->ptr[i], ret);
}

static const char *words_of(const struct comparison *c, const char *what)
{
    if (c->class == CLASS_REGRESSION && c->point == POINT_ROLLED_BACK)
        return "passed before and fails once the patch is undone";
    return what;
}

/* One sentence for each row of the class that is this cause: "check 'web-shop/order' ... at stage
 * 'patched'". */
static void add_rows(const struct verdict_facts *f, enum compare_class class, enum cause cause,
                     const char *what, struct reasons *ret)
{
    const struct comparison_list *l = f->comparisons;
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        const struct comparison *c = &l->ptr[i];
        const struct result *any = comparison_any(c);
        const char *why = c->after && !any->sub ? c->after->message : NULL;
        if (c->class != class || verdict_row_cause(&f->gates, c) != cause || is_told_by_tests(l, i)
            || n++ >= SENTENCES_MAX)
            continue;
        AUTO_FREE char *name = comparison_name(c), *counts = counts_of(c);
        strv_addf(&ret->sentences, "%s %s at stage '%s'%s%s%s%s", name, words_of(c, what),
                  stage_name(LANE_CANDIDATE, c->point), why ? " (" : "", why ? why : "",
                  why ? ")" : "", counts);
        ret->causes |= 1u << cause;
    }
    if (n > SENTENCES_MAX)
        strv_addf(&ret->sentences, "and %zu more, each of which %s", n - SENTENCES_MAX, what);
}

static const char regressed[] = "passed before and fails with the patch";
static const char flaky[] = "does not give the same result twice";
static const char missing[] = "has no result that can be compared";

/* What went wrong at a stage beyond the checks, where that counts as `gate`. */
static void add_stage_problems(const struct verdict_facts *f, enum gate_level gate,
                               struct reasons *ret)
{
    static const struct {
        enum cause restart, undo;
    } causes[GATE_MAX_] = {
        [GATE_FAIL] = { CAUSE_RESTART, CAUSE_REVERSAL },
        [GATE_REVIEW] = { CAUSE_REVIEW_RESTART, CAUSE_REVIEW_REVERSAL },
        [GATE_NOTE] = { CAUSE_NONE, CAUSE_NONE },
    };
    int undo = f->gates.level[POINT_ROLLED_BACK];
    /* That there is no way to undo it counts only where nothing must be worse. */
    int impossible = f->undo_problem || undo == GATE_FAIL ? undo : GATE_NOTE;

    if (f->gates.level[POINT_RESTARTED] == (int)gate)
        add(causes[gate].restart, f->restart_problem, ret);
    if (undo == (int)gate)
        add(causes[gate].undo, f->undo_problem, ret);
    if (impossible == (int)gate)
        add(causes[gate].undo, f->undo_impossible, ret);
}

static void add_apply_problem(enum cause cause, const char *what, const struct verdict_facts *f,
                              struct reasons *ret)
{
    AUTO_FREE char *text = xasprintf("%s: %s", what,
                                     f->apply_problem ? f->apply_problem : "no result");

    add(cause, text, ret);
}

static void find_failures(const struct verdict_facts *f, struct reasons *ret)
{
    if (f->applied == 0) {
        add_apply_problem(CAUSE_NOT_APPLIED, "the patch could not be applied", f, ret);
        add_all(CAUSE_NOT_APPLIED, f->apply_broken, ret);
    }
    add_rows(f, CLASS_REGRESSION, CAUSE_REGRESSION, regressed, ret);
    add_stage_problems(f, GATE_FAIL, ret);
    add_all(CAUSE_CLAIM, f->scan_failures, ret);
}

static void find_reviews(const struct verdict_facts *f, struct reasons *ret)
{
    if (f->applied > 0 && f->applied < f->apply_tries) {
        AUTO_FREE char *what = xasprintf("the patch could be applied in %d of %d tries", f->applied,
                                         f->apply_tries);
        add_apply_problem(CAUSE_HALF_APPLIED, what, f, ret);
    }
    add_all(CAUSE_PACKAGES, f->apply_broken, ret);
    add_all(CAUSE_PACKAGES, f->apply_reviews, ret);
    add_rows(f, CLASS_REGRESSION, CAUSE_REVIEW_REGRESSION, regressed, ret);
    add_stage_problems(f, GATE_REVIEW, ret);
    add_rows(f, CLASS_FLAKY, CAUSE_FLAKY, flaky, ret);
    add_rows(f, CLASS_MISSING, CAUSE_MISSING, missing, ret);
    if (f->counts_packages && f->packages_changed == 0 && f->applied > 0)
        add(CAUSE_NO_CHANGE, "the patch changed no installed package", ret);
    add_all(CAUSE_NEW_FINDING, f->scan_reviews, ret);
    add_all(f->not_looked ? CAUSE_NOT_LOOKED : CAUSE_CHANGES, f->change_reviews, ret);
    add_all(CAUSE_MANUAL, f->manual_reviews, ret);
    if (count(f->comparisons, CLASS_OK) + count(f->comparisons, CLASS_FIXED) == 0)
        add(CAUSE_NO_PASS, "no check passed with the patch", ret);
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

static void add_notes(const struct verdict_facts *f, struct reasons *ret)
{
    add_passed(f->comparisons, &ret->sentences);
    add_rows(f, CLASS_FIXED, CAUSE_NONE, "failed before and passes with the patch", ret);
    add_rows(f, CLASS_KNOWN_FAILURE, CAUSE_NONE, "fails without the patch too", ret);
    add_rows(f, CLASS_REGRESSION, CAUSE_NONE, regressed, ret);
    add_rows(f, CLASS_FLAKY, CAUSE_NONE, flaky, ret);
    add_rows(f, CLASS_MISSING, CAUSE_NONE, missing, ret);
    add_stage_problems(f, GATE_NOTE, ret);
    add_all(CAUSE_NONE, f->stage_notes, ret);
    add_all(CAUSE_NONE, f->scan_notes, ret);
    add_all(CAUSE_NONE, f->change_notes, ret);
}

enum verdict verdict_decide(const struct verdict_facts *f, struct strv *ret_reasons,
                            unsigned *ret_causes)
{
    AUTO_REASONS fail = { 0 }, review = { 0 }, told = { 0 };
    enum verdict v;

    find_failures(f, &fail);
    find_reviews(f, &review);
    v = fail.causes ? VERDICT_FAIL : review.causes ? VERDICT_REVIEW : VERDICT_PASS;
    if (v == VERDICT_FAIL)
        add_all(CAUSE_NONE, f->apply_reviews, &told);
    if (v == VERDICT_PASS)
        add_notes(f, &told);
    add_all(CAUSE_NONE, f->apply_notes, &told);

    const struct reasons *parts[] = { v == VERDICT_FAIL ? &fail : &review, &told };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (size_t k = 0; k < parts[i]->sentences.len; k++)
            strv_add(ret_reasons, parts[i]->sentences.ptr[k]);
    }
    *ret_causes = fail.causes | review.causes;
    return v;
}
