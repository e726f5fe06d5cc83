/*
 * Results and comparisons as JSON.
 *
 * A check has its tests below it.  A report may have 100,000 of them, so a record counts them and
 * holds those that differ, the weightiest first and no more than fit in; a blob has them all then.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/compare.h"
#include "core/evidence.h"

enum { LISTED_MAX = 50, LISTED_ALL_MAX = 500 };

static json_t *sub_json(const struct result *r)
{
    return json_pack("{s:s, s:b, s:I, s:o}", "outcome", outcome_names[r->outcome], "todo", r->todo,
                     "ms", (json_int_t)r->duration_ms, "message", json_text(r->message));
}

json_t *result_json(const struct result *r)
{
    json_t *output = r->output[0] ? json_pack("{s:s, s:I}", "blob", r->output, "size",
                                              (json_int_t)r->output_size)
                                  : json_null();
    json_t *j;

    if (r->sub) {
        json_decref(output);
        return sub_json(r);
    }
    j = json_pack("{s:s, s:i, s:b, s:I, s:I, s:o}", "outcome", outcome_names[r->outcome], "exit",
                  r->exit_code, "timed_out", r->timed_out, "ms", (json_int_t)r->duration_ms,
                  "total", (json_int_t)r->output_total, "output", output);
    if (r->message)
        json_object_set_new(j, "why", json_text(r->message));
    return j;
}

static json_t *side_json(const struct result *r, enum lane lane)
{
    if (!r)
        return json_null();
    json_t *j = result_json(r);
    if (!r->sub)
        json_object_set_new(j, "stage", json_string(stage_name(lane, r->point)));
    return j;
}

static json_t *tally_json(const struct tally *t)
{
    return json_pack("{s:i, s:i, s:i}", "pass", t->pass, "fail", t->fail, "other", t->other);
}

static json_t *row_json(const struct comparison *c)
{
    const struct result *any = comparison_any(c);
    json_t *row = any->sub ? json_pack("{s:o}", "test", json_text(any->sub))
                           : json_pack("{s:s, s:s, s:o, s:s}", "testcase", any->testcase, "check",
                                       any->check, "title", json_text(any->title), "point",
                                       point_names[c->point]);

    json_object_set_new(row, "class", json_string(class_names[c->class]));
    json_object_set_new(row, "before", side_json(c->before, LANE_BASELINE));
    json_object_set_new(row, "after", side_json(c->after, LANE_CANDIDATE));
    if (c->rounds > 1)
        json_object_set_new(row, "rounds",
                            json_pack("{s:i, s:o, s:o}", "count", c->rounds, "before",
                                      tally_json(&c->was), "after", tally_json(&c->is)));
    return row;
}

/* --- the tests of a check --------------------------------------------------------------------- */

/* Rows sorted so that those of one check at one point are together, the whole first. */
static int by_check(const void *a, const void *b)
{
    const struct comparison *ca = *(const struct comparison *const *)a;
    const struct comparison *cb = *(const struct comparison *const *)b;
    const struct result *ra = comparison_any(ca), *rb = comparison_any(cb);
    int diff = strcmp(ra->testcase, rb->testcase);

    if (diff == 0)
        diff = strcmp(ra->check, rb->check);
    if (diff == 0)
        diff = (int)ca->point - (int)cb->point;
    if (diff == 0)
        diff = !!ra->sub - !!rb->sub;
    return diff ? diff : (ca > cb) - (ca < cb);
}

static bool is_same_check(const struct comparison *a, const struct comparison *b)
{
    const struct result *ra = comparison_any(a), *rb = comparison_any(b);

    return a->point == b->point && str_eq(ra->testcase, rb->testcase)
           && str_eq(ra->check, rb->check);
}

static void count_side(json_t *counts, const struct result *r)
{
    const char *key = outcome_names[r ? r->outcome : OUTCOME_NONE];

    json_object_set_new(counts, key, json_integer(json_int_at(counts, key) + 1));
}

/* Of `n` rows of tests: {"count","before","after","classes"}. */
static json_t *counts_json(const struct comparison **rows, size_t n)
{
    json_t *before = json_object(), *after = json_object(), *classes = json_object();

    for (size_t i = 0; i < n; i++) {
        const char *class = class_names[rows[i]->class];
        count_side(before, rows[i]->before);
        count_side(after, rows[i]->after);
        json_object_set_new(classes, class, json_integer(json_int_at(classes, class) + 1));
    }
    return json_pack("{s:I, s:o, s:o, s:o}", "count", (json_int_t)n, "before", before, "after",
                     after, "classes", classes);
}

static json_t *all_blob(const struct comparison **rows, size_t n, struct blobs *blobs,
                        struct err **err)
{
    AUTO_JSON *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, row_json(rows[i]));
    AUTO_FREE char *text = json_canonical(list);
    return evidence_blob(blobs, text, strlen(text), err);
}

/* `*room` is what may still be listed in the whole record. */
static json_t *tests_json(const struct comparison **rows, size_t n, size_t *room,
                          struct blobs *blobs, struct err **err)
{
    static const enum compare_class weightiest[] = {
        CLASS_REGRESSION, CLASS_FLAKY, CLASS_MISSING, CLASS_FIXED, CLASS_KNOWN_FAILURE,
    };
    AUTO_JSON *j = counts_json(rows, n);
    json_t *listed = json_array();
    bool cut = false;

    json_object_set_new(j, "differ", listed);
    for (size_t k = 0; k < ARRAY_LEN(weightiest); k++) {
        for (size_t i = 0; i < n; i++) {
            if (rows[i]->class != weightiest[k])
                continue;
            if (*room == 0 || json_array_size(listed) == LISTED_MAX) {
                cut = true;
                break;
            }
            --*room;
            json_array_append_new(listed, row_json(rows[i]));
        }
    }
    json_t *all = cut ? all_blob(rows, n, blobs, err) : json_null();
    if (!all)
        return NULL;
    json_object_set_new(j, "all", all);
    return json_incref(j);
}

/* Gives each check in `wholes` (by index of its row) its tests. */
static int add_tests(const struct comparison_list *l, json_t **wholes, struct blobs *blobs,
                     struct err **err)
{
    AUTO_FREE const struct comparison **sorted = xcalloc(l->len + 1, sizeof(*sorted));
    size_t room = LISTED_ALL_MAX;

    for (size_t i = 0; i < l->len; i++)
        sorted[i] = &l->ptr[i];
    qsort(sorted, l->len, sizeof(*sorted), by_check);
    for (size_t i = 0, end; i < l->len; i = end) {
        for (end = i + 1; end < l->len && is_same_check(sorted[i], sorted[end]);)
            end++;
        json_t *whole = wholes[sorted[i] - l->ptr];
        if (end == i + 1 || !whole)
            continue;
        json_t *tests = tests_json(&sorted[i + 1], end - i - 1, &room, blobs, err);
        if (!tests)
            return -1;
        json_object_set_new(whole, "tests", tests);
    }
    return 0;
}

json_t *comparisons_json(const struct comparison_list *l, struct blobs *blobs, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_FREE json_t **wholes = xcalloc(l->len + 1, sizeof(*wholes)); /* belong to the list */

    for (size_t i = 0; i < l->len; i++) {
        if (comparison_any(&l->ptr[i])->sub)
            continue;
        wholes[i] = row_json(&l->ptr[i]);
        json_array_append_new(list, wholes[i]);
    }
    return add_tests(l, wholes, blobs, err) < 0 ? NULL : json_incref(list);
}
