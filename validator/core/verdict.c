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
    const struct result *whole = c->before ? c->before : c->after;

    for (size_t k = i + 1; k < l->len && !whole->sub; k++) {
        const struct result *r = l->ptr[k].before ? l->ptr[k].before : l->ptr[k].after;
        if (!r->sub || r->point != whole->point || !str_eq(r->check, whole->check)
            || !str_eq(r->testcase, whole->testcase))
            return false;
        if (l->ptr[k].class == c->class)
            return true;
    }
    return false;
}

/* One sentence for each row of the class: "check 'web-shop/order' ... at stage 'patched'". */
static void add_rows(const struct comparison_list *l, enum compare_class class, const char *what,
                     struct strv *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        const struct comparison *c = &l->ptr[i];
        const struct result *any = c->before ? c->before : c->after;
        const char *why = c->after && !any->sub ? c->after->message : NULL;
        if (c->class != class || is_told_by_tests(l, i) || n++ >= SENTENCES_MAX)
            continue;
        AUTO_FREE char *name = comparison_name(c), *counts = counts_of(c);
        strv_addf(ret, "%s %s at stage '%s'%s%s%s%s", name, what,
                  stage_name(LANE_CANDIDATE, any->point), why ? " (" : "", why ? why : "",
                  why ? ")" : "", counts);
    }
    if (n > SENTENCES_MAX)
        strv_addf(ret, "and %zu more, each of which %s", n - SENTENCES_MAX, what);
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
    add_rows(f->comparisons, CLASS_REGRESSION, "passed before and fails with the patch", ret);
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
    add_rows(f->comparisons, CLASS_FLAKY, "does not give the same result twice", ret);
    add_rows(f->comparisons, CLASS_MISSING, "has no result that can be compared", ret);
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
        bool is_test = (c->before ? c->before : c->after)->sub;
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

enum verdict verdict_decide(const struct verdict_facts *f, struct strv *ret_reasons)
{
    enum verdict v = reasons_to_fail(f, ret_reasons);

    if (v == VERDICT_FAIL)
        add_all(f->apply_reviews, ret_reasons);
    if (v == VERDICT_PASS)
        v = reasons_to_review(f, ret_reasons);
    if (v == VERDICT_PASS) {
        add_passed(f->comparisons, ret_reasons);
        add_rows(f->comparisons, CLASS_FIXED, "failed before and passes with the patch",
                 ret_reasons);
        add_rows(f->comparisons, CLASS_KNOWN_FAILURE, "fails without the patch too", ret_reasons);
        add_all(f->scan_notes, ret_reasons);
        add_all(f->change_notes, ret_reasons);
    }
    add_all(f->apply_notes, ret_reasons);
    return v;
}
