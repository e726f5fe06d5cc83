/* The results of the two lanes side by side; the classes are drawn in compare.h. */
#include "core/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

const char *const outcome_names[] = { "none", "pass", "fail", "skip", NULL };

const char *const class_names[] = {
    [CLASS_OK] = "ok",           [CLASS_REGRESSION] = "regression",
    [CLASS_FIXED] = "fixed",     [CLASS_KNOWN_FAILURE] = "known-failure",
    [CLASS_FLAKY] = "flaky",     [CLASS_SKIPPED] = "skipped",
    [CLASS_MISSING] = "missing", [CLASS_MAX_] = NULL,
};

static struct result *add(struct result_list *l, const struct result *r)
{
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    l->ptr[l->len] = *r;
    return &l->ptr[l->len++];
}

struct result *result_add(struct result_list *l, const char *testcase, const char *check,
                          const char *title, enum check_point point)
{
    return add(l, &(struct result){
                      .testcase = xstrdup(testcase),
                      .check = xstrdup(check),
                      .title = xstrdup(title),
                      .point = point,
                      .points = 1u << point,
                  });
}

struct result *result_add_sub(struct result_list *l, const char *sub, enum outcome outcome)
{
    const struct result *whole = &l->ptr[l->len - 1];

    return add(l, &(struct result){
                      .testcase = xstrdup(whole->testcase),
                      .check = xstrdup(whole->check),
                      .sub = xstrdup(sub),
                      .point = whole->point,
                      .points = whole->points,
                      .outcome = outcome,
                  });
}

void result_list_release(struct result_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        struct result *r = &l->ptr[i];
        char *const texts[] = { r->testcase, r->check, r->title, r->sub, r->message };

        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            free(texts[k]);
    }
    free(l->ptr);
    *l = (struct result_list){ 0 };
}

enum compare_class compare_class_of(enum outcome before, enum outcome after)
{
    if (before == OUTCOME_PASS && after == OUTCOME_PASS)
        return CLASS_OK;
    if (before == OUTCOME_PASS && after == OUTCOME_FAIL)
        return CLASS_REGRESSION;
    if (before == OUTCOME_FAIL && after == OUTCOME_PASS)
        return CLASS_FIXED;
    if (before == OUTCOME_FAIL && after == OUTCOME_FAIL)
        return CLASS_KNOWN_FAILURE;
    if (before == OUTCOME_SKIP && after == OUTCOME_SKIP)
        return CLASS_SKIPPED;
    return CLASS_MISSING;
}

/* A result at one of the check points that it stands for. */
struct entry {
    enum check_point point;
    const struct result *result;
};

/* In the order of their keys: reports may have 100,000 tests. */
struct index {
    struct entry *ptr;
    size_t len;
};

static void index_release(struct index *i)
{
    free(i->ptr);
}
#define AUTO_INDEX __attribute__((cleanup(index_release))) struct index

static int by_key(const void *a, const void *b)
{
    const struct entry *ea = a, *eb = b;
    const struct result *ra = ea->result, *rb = eb->result;
    int diff = strcmp(ra->testcase, rb->testcase);

    if (diff == 0)
        diff = strcmp(ra->check, rb->check);
    if (diff == 0)
        diff = (int)ea->point - (int)eb->point;
    if (diff == 0 && ra->sub && rb->sub)
        return strcmp(ra->sub, rb->sub);
    return diff ? diff : !!ra->sub - !!rb->sub;
}

static struct index index_of(const struct result_list *l)
{
    struct index i = { .ptr = xcalloc(l->len * POINT_MAX_ + 1, sizeof(struct entry)) };

    for (size_t k = 0; k < l->len; k++) {
        for (int p = 0; p < POINT_MAX_; p++) {
            if (l->ptr[k].points >> p & 1)
                i.ptr[i.len++] = (struct entry){ (enum check_point)p, &l->ptr[k] };
        }
    }
    qsort(i.ptr, i.len, sizeof(struct entry), by_key);
    return i;
}

static const struct result *find(const struct index *i, const struct result *like,
                                 enum check_point point)
{
    struct entry key = { point, like };
    const struct entry *found = bsearch(&key, i->ptr, i->len, sizeof(struct entry), by_key);

    return found ? found->result : NULL;
}

static enum compare_class class_of(const struct result *before, const struct result *after)
{
    return compare_class_of(before ? before->outcome : OUTCOME_NONE,
                            after ? after->outcome : OUTCOME_NONE);
}

static void count(struct tally *t, const struct result *r)
{
    enum outcome o = r ? r->outcome : OUTCOME_NONE;

    t->pass += o == OUTCOME_PASS;
    t->fail += o == OUTCOME_FAIL;
    t->other += o != OUTCOME_PASS && o != OUTCOME_FAIL;
}

static void add_round(struct comparison *c, const struct result *before, const struct result *after)
{
    c->rounds++;
    count(&c->was, before);
    count(&c->is, after);
}

static void add_row(struct comparison_list *l, enum check_point point, const struct result *before,
                    const struct result *after)
{
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    struct comparison *c = &l->ptr[l->len++];

    *c = (struct comparison){
        .point = point,
        .before = before,
        .after = after,
        .class = class_of(before, after),
    };
    add_round(c, before, after);
}

bool comparison_differs(const struct comparison *c)
{
    return c->class == CLASS_REGRESSION || c->class == CLASS_FIXED;
}

void compare_confirm(struct comparison_list *rows, const struct result_list *before,
                     const struct result_list *after)
{
    AUTO_INDEX all_before = index_of(before), all_after = index_of(after);

    for (size_t i = 0; i < rows->len; i++) {
        struct comparison *c = &rows->ptr[i];

        if (!comparison_differs(c) && !(c->class == CLASS_FLAKY && c->rounds > 1))
            continue;
        const struct result *was = find(&all_before, c->before, c->point);
        const struct result *is = find(&all_after, c->after, c->point);
        add_round(c, was, is);
        if (class_of(was, is) != c->class)
            c->class = CLASS_FLAKY;
    }
}

static void add_point(struct comparison_list *ret, enum check_point point,
                      const struct result_list *before, const struct index *all_before,
                      const struct result_list *after, const struct index *all_after)
{
    for (size_t i = 0; i < before->len; i++) {
        if (before->ptr[i].points >> point & 1)
            add_row(ret, point, &before->ptr[i], find(all_after, &before->ptr[i], point));
    }
    for (size_t i = 0; i < after->len; i++) {
        if ((after->ptr[i].points >> point & 1) && !find(all_before, &after->ptr[i], point))
            add_row(ret, point, NULL, &after->ptr[i]);
    }
}

void compare_results(const struct result_list *before, const struct result_list *after,
                     unsigned points, struct comparison_list *ret)
{
    AUTO_INDEX all_before = index_of(before), all_after = index_of(after);

    *ret = (struct comparison_list){ 0 };
    for (int p = 0; p < POINT_MAX_; p++) {
        if (points >> p & 1)
            add_point(ret, (enum check_point)p, before, &all_before, after, &all_after);
    }
}

const struct result *comparison_any(const struct comparison *c)
{
    return c->before ? c->before : c->after;
}

char *comparison_name(const struct comparison *c)
{
    const struct result *any = comparison_any(c);

    if (any->sub)
        return xasprintf("check '%s/%s', test '%s'", any->testcase, any->check, any->sub);
    return xasprintf("check '%s/%s'", any->testcase, any->check);
}

void comparison_list_release(struct comparison_list *l)
{
    free(l->ptr);
    *l = (struct comparison_list){ 0 };
}
