/* The results of the two lanes side by side; the classes are drawn in compare.h. */
#include "core/compare.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

const char *const outcome_names[] = { "none", "pass", "fail", "skip", NULL };

const char *const class_names[] = {
    [CLASS_OK] = "ok",           [CLASS_REGRESSION] = "regression",
    [CLASS_FIXED] = "fixed",     [CLASS_KNOWN_FAILURE] = "known-failure",
    [CLASS_FLAKY] = "flaky",     [CLASS_SKIPPED] = "skipped",
    [CLASS_MISSING] = "missing", [CLASS_MAX_] = NULL,
};

struct result *result_add(struct result_list *l, const char *testcase, const char *check,
                          const char *title, enum check_point point)
{
    l->ptr = xreallocarray(l->ptr, l->len + 1, sizeof(*l->ptr));
    struct result *r = &l->ptr[l->len++];
    *r = (struct result){
        .testcase = xstrdup(testcase),
        .check = xstrdup(check),
        .title = xstrdup(title),
        .point = point,
    };
    return r;
}

void result_list_release(struct result_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].testcase);
        free(l->ptr[i].check);
        free(l->ptr[i].title);
    }
    free(l->ptr);
    *l = (struct result_list){ 0 };
}

json_t *result_json(const struct result *r)
{
    json_t *output = r->output[0] ? json_pack("{s:s, s:I}", "blob", r->output, "size",
                                              (json_int_t)r->output_size)
                                  : json_null();

    return json_pack("{s:s, s:i, s:b, s:I, s:I, s:o}", "outcome", outcome_names[r->outcome], "exit",
                     r->exit_code, "timed_out", r->timed_out, "ms", (json_int_t)r->duration_ms,
                     "total", (json_int_t)r->output_total, "output", output);
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

static const struct result *find(const struct result_list *l, const struct result *like)
{
    for (size_t i = 0; i < l->len; i++) {
        const struct result *r = &l->ptr[i];
        if (r->point == like->point && str_eq(r->testcase, like->testcase)
            && str_eq(r->check, like->check))
            return r;
    }
    return NULL;
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

static void add_row(struct comparison_list *l, const struct result *before,
                    const struct result *after)
{
    l->ptr = xreallocarray(l->ptr, l->len + 1, sizeof(*l->ptr));
    struct comparison *c = &l->ptr[l->len++];

    *c = (struct comparison){
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
    for (size_t i = 0; i < rows->len; i++) {
        struct comparison *c = &rows->ptr[i];

        if (!comparison_differs(c) && !(c->class == CLASS_FLAKY && c->rounds > 1))
            continue;
        const struct result *was = find(before, c->before), *is = find(after, c->after);
        add_round(c, was, is);
        if (class_of(was, is) != c->class)
            c->class = CLASS_FLAKY;
    }
}

void compare_results(const struct result_list *before, const struct result_list *after,
                     struct comparison_list *ret)
{
    *ret = (struct comparison_list){ 0 };
    for (size_t i = 0; i < before->len; i++)
        add_row(ret, &before->ptr[i], find(after, &before->ptr[i]));
    for (size_t i = 0; i < after->len; i++) {
        if (!find(before, &after->ptr[i]))
            add_row(ret, NULL, &after->ptr[i]);
    }
}

void comparison_list_release(struct comparison_list *l)
{
    free(l->ptr);
    *l = (struct comparison_list){ 0 };
}

static json_t *side_json(const struct result *r, enum lane lane)
{
    if (!r)
        return json_null();
    json_t *j = result_json(r);
    json_object_set_new(j, "stage", json_string(stage_name(lane, r->point)));
    return j;
}

static json_t *row_json(const struct comparison *c, const struct result *any)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o}", "testcase", any->testcase, "check",
                     any->check, "title", json_text(any->title), "point", point_names[any->point],
                     "class", class_names[c->class], "before", side_json(c->before, LANE_BASELINE),
                     "after", side_json(c->after, LANE_CANDIDATE));
}

static json_t *tally_json(const struct tally *t)
{
    return json_pack("{s:i, s:i, s:i}", "pass", t->pass, "fail", t->fail, "other", t->other);
}

json_t *comparison_json(const struct comparison *c)
{
    const struct result *any = c->before ? c->before : c->after;
    json_t *row = row_json(c, any);

    if (c->rounds > 1)
        json_object_set_new(row, "rounds",
                            json_pack("{s:i, s:o, s:o}", "count", c->rounds, "before",
                                      tally_json(&c->was), "after", tally_json(&c->is)));
    return row;
}
