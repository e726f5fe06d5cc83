/* The facts behind a verdict, from the record of it; see explain.h. */
#include "core/explain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/diff.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cause.h"
#include "store/blob.h"

enum { OUTPUT_READ = 256 << 10, OBJECTS_SHOWN = 2, BLOB_MAX = 32 << 20 };

/* What a row can be a reason of, the weightiest first. */
static const enum cause of_rows[] = {
    CAUSE_REGRESSION,
    CAUSE_REVIEW_REGRESSION,
    CAUSE_FLAKY,
    CAUSE_MISSING,
};

/* --- which differences ------------------------------------------------------------------------ */

/* The row of a check, or of a test with what it needs of its check. */
static json_t *flat_row(const json_t *check, const json_t *test)
{
    static const char *const keys[] = { "testcase", "check", "title", "point" };
    json_t *row = json_copy((json_t *)(test ? test : check));

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        json_object_set(row, keys[i], json_object_get(check, keys[i]));
    json_object_del(row, "tests");
    if (!test)
        json_object_set_new(row, "test", json_null());
    return row;
}

/* Of a row at a check point, as verdict_row_cause() says it. */
static enum cause cause_of(const struct gates *gates, const char *point, const json_t *row)
{
    int at = str_index(point_names, point);
    int class = str_index(class_names, json_str_at(row, "class"));
    struct comparison c = {
        .point = at < 0 ? POINT_FIRST : (enum check_point)at,
        .class = class < 0 ? CLASS_MAX_ : (enum compare_class) class,
    };

    return verdict_row_cause(gates, &c);
}

/* The rows of one cause; a check is told by its tests when they are of it. */
static void find_rows(const json_t *checks, const struct gates *gates, enum cause cause,
                      json_t *ret)
{
    size_t i, k;
    json_t *check, *test;

    json_array_foreach((json_t *)checks, i, check)
    {
        const json_t *tests = json_object_get(check, "tests");
        const char *point = json_str_at(check, "point");
        size_t before = json_array_size(ret);

        json_array_foreach(json_object_get(tests, "differ"), k, test)
        {
            if (cause_of(gates, point, test) == cause)
                json_array_append_new(ret, flat_row(check, test));
        }
        if (cause_of(gates, point, check) == cause && json_array_size(ret) == before)
            json_array_append_new(ret, flat_row(check, NULL));
    }
}

/* "'shop/order' test 'login'"; the caller frees. */
static char *name_of(const json_t *row)
{
    const char *test = json_str_at(row, "test");

    return xasprintf("'%s/%s'%s%s%s", json_str_at(row, "testcase"), json_str_at(row, "check"),
                     test ? " test '" : "", test ? test : "", test ? "'" : "");
}

/* What differs at two stages is told once, before the same is told again. */
static json_t *news_first(const json_t *rows)
{
    json_t *first = json_array();
    AUTO_JSON *again = json_array(), *seen = json_object();
    size_t i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row)
    {
        AUTO_FREE char *name = name_of(row);
        json_array_append(json_object_get(seen, name) ? again : first, row);
        json_object_set_new(seen, name, json_true());
    }
    json_array_extend(first, again);
    return first;
}

/* --- before and after ------------------------------------------------------------------------- */

/* The last part of what a check printed, from the begin of a line on; NULL: there is no blob. */
static char *output_of(const json_t *side, const struct blobs *blobs)
{
    const char *hex = json_str_at(json_object_get(side, "output"), "blob");
    AUTO_ERR e = NULL;
    size_t len = 0;

    if (!hex)
        return xstrdup("");
    AUTO_FREE char *raw = blob_get(blobs, hex, BLOB_MAX, &len, &e);
    if (!raw)
        return NULL;
    size_t from = len > OUTPUT_READ ? len - OUTPUT_READ : 0;
    while (from > 0 && from < len && raw[from - 1] != '\n')
        from++;
    return str_printable(raw + from, len - from, true);
}

static char *text_of(const json_t *row, const char *side, const struct blobs *blobs)
{
    const json_t *s = json_object_get(row, side);
    const char *message = json_str_at(s, "message");

    if (json_str_at(row, "test"))
        return str_printable(message ? message : "", message ? strlen(message) : 0, true);
    return output_of(s, blobs);
}

static json_t *diff_json(const json_t *row, const struct blobs *blobs, size_t lines)
{
    AUTO_FREE char *before = text_of(row, "before", blobs), *after = text_of(row, "after", blobs);
    AUTO_DIFF d = { 0 };

    if (!before || !after)
        return json_null();
    diff_texts(before, after, lines, &d);
    return json_pack("{s:o, s:I, s:I, s:I}", "text", json_text(d.text), "removed",
                     (json_int_t)d.removed, "added", (json_int_t)d.added, "hidden",
                     (json_int_t)d.hidden);
}

/* --- what would change it --------------------------------------------------------------------- */

/* "check 'shop/order', check 'shop/login' and 3 more". */
static char *objects_of(const json_t *rows)
{
    AUTO_STR s = STR_INIT(4096);
    AUTO_STRV seen = { 0 };
    size_t i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row)
    {
        AUTO_FREE char *name = name_of(row);
        if (strv_has(&seen, name))
            continue;
        strv_add(&seen, name);
        if (seen.len <= OBJECTS_SHOWN)
            str_addf(&s, "%s%s", seen.len > 1 ? ", " : "", name);
    }
    if (seen.len == 0)
        return NULL;
    if (seen.len > OBJECTS_SHOWN)
        str_addf(&s, " and %zu more", seen.len - OBJECTS_SHOWN);
    return str_take(&s);
}

static json_t *changes_json(unsigned causes, enum verdict v, const char *const *objects)
{
    json_t *list = json_array();

    for (int a = 0; a < ACTOR_MAX_; a++) {
        AUTO_STRV actions = { 0 };
        enum verdict then = cause_actions(causes, v, (enum actor)a, objects, &actions);
        json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "role", actor_names[a], "do",
                                              json_strv(&actions), "verdict",
                                              verdict_names[actions.len ? then : v]));
    }
    return list;
}

/* Runs of before there were causes have none on record. */
static unsigned causes_of(const json_t *summary, enum verdict v)
{
    unsigned causes = causes_from_json(json_object_get(summary, "causes"));

    if (causes || v == VERDICT_PASS)
        return causes;
    if (v == VERDICT_BROKEN)
        return 1u << CAUSE_BROKEN;
    return 1u << (v == VERDICT_FAIL ? CAUSE_OTHER_FAIL : CAUSE_OTHER_REVIEW);
}

/* --- the whole -------------------------------------------------------------------------------- */

static json_t *differences_json(json_t *rows, const struct blobs *blobs, size_t most, size_t lines,
                                size_t *ret_more)
{
    json_t *list = json_array();
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        if (most > 0 && i == most)
            break;
        json_object_set_new(row, "diff", diff_json(row, blobs, lines));
        json_array_append(list, row);
    }
    *ret_more = json_array_size(rows) - json_array_size(list);
    return list;
}

json_t *explain_run(const json_t *run, const struct blobs *blobs, size_t differences, size_t lines,
                    struct err **err)
{
    const json_t *summary = json_object_get(run, "summary");
    int known = str_index(verdict_names, json_str_at(run, "verdict"));
    enum verdict v = (enum verdict)known;
    AUTO_JSON *rows = json_array();
    const char *objects[CAUSE_MAX_] = { NULL };
    struct gates gates = gates_from_json(json_object_get(summary, "gates"));
    size_t more = 0;

    if (known < 0) {
        err_set(err, ERR_CONFLICT, "run %lld has no verdict yet",
                (long long)json_int_at(run, "id"));
        err_hint(err, "'patchlab run watch %lld' follows it", (long long)json_int_at(run, "id"));
        return NULL;
    }
    char *texts[ARRAY_LEN(of_rows)];
    for (size_t i = 0; i < ARRAY_LEN(of_rows); i++) {
        AUTO_JSON *found = json_array();
        find_rows(json_object_get(summary, "checks"), &gates, of_rows[i], found);
        texts[i] = objects_of(found);
        objects[of_rows[i]] = texts[i];
        json_array_extend(rows, found);
    }
    unsigned causes = causes_of(summary, v);
    AUTO_JSON *ordered = news_first(rows);
    json_t *list = differences_json(ordered, blobs, differences, lines, &more);
    json_t *j = json_pack("{s:I, s:s, s:O?, s:o, s:o, s:I, s:o}", "run", json_int_at(run, "id"),
                          "verdict", verdict_names[v], "reasons",
                          json_object_get(summary, "reasons"), "causes", causes_json(causes),
                          "differences", list, "more", (json_int_t)more, "changes",
                          changes_json(causes, v, objects));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    return j;
}
