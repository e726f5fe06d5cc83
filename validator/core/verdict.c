/* From comparisons to a verdict with reasons; the rules are in verdict.h. */
#include "core/verdict.h"

#include "base/mem.h"
#include "base/str.h"

const char *const verdict_names[] = { "pass", "fail", "review", "broken", NULL };

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

/* One sentence for each row of the class: "check 'web-shop/order' ... at stage 'patched'". */
static void add_rows(const struct comparison_list *l, enum compare_class class, const char *what,
                     struct strv *ret)
{
    for (size_t i = 0; i < l->len; i++) {
        const struct comparison *c = &l->ptr[i];
        const struct result *any = c->before ? c->before : c->after;
        AUTO_FREE char *counts = counts_of(c);
        if (c->class == class)
            strv_addf(ret, "check '%s/%s' %s at stage '%s'%s", any->testcase, any->check, what,
                      stage_name(LANE_CANDIDATE, any->point), counts);
    }
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
    add_rows(f->comparisons, CLASS_REGRESSION, "passed before and fails with the patch", ret);
    add_all(f->scan_failures, ret);
    return ret->len ? VERDICT_FAIL : VERDICT_PASS;
}

static enum verdict reasons_to_review(const struct verdict_facts *f, struct strv *ret)
{
    if (f->applied < f->apply_tries)
        strv_addf(ret, "the patch could be applied in %d of %d tries: %s", f->applied,
                  f->apply_tries, f->apply_problem ? f->apply_problem : "no result");
    add_rows(f->comparisons, CLASS_FLAKY, "does not give the same result twice", ret);
    add_rows(f->comparisons, CLASS_MISSING, "has no result that can be compared", ret);
    if (f->counts_packages && f->packages_changed == 0)
        strv_add(ret, "the patch changed no installed package");
    add_all(f->scan_reviews, ret);
    if (count(f->comparisons, CLASS_OK) + count(f->comparisons, CLASS_FIXED) == 0)
        strv_add(ret, "no check passed with the patch");
    return ret->len ? VERDICT_REVIEW : VERDICT_PASS;
}

enum verdict verdict_decide(const struct verdict_facts *f, struct strv *ret_reasons)
{
    enum verdict v = reasons_to_fail(f, ret_reasons);

    if (v == VERDICT_PASS)
        v = reasons_to_review(f, ret_reasons);
    if (v == VERDICT_PASS) {
        strv_addf(ret_reasons, "%zu checks pass with the patch as they did before",
                  count(f->comparisons, CLASS_OK));
        add_rows(f->comparisons, CLASS_FIXED, "failed before and passes with the patch",
                 ret_reasons);
        add_rows(f->comparisons, CLASS_KNOWN_FAILURE, "fails without the patch too", ret_reasons);
        add_all(f->scan_notes, ret_reasons);
    }
    return v;
}
