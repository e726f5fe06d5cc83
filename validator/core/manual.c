/* Manual steps of a run and how they stand; see manual.h. */
#include "core/manual.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/testcase.h"
#include "store/store.h"

enum { SUMMARY_MAX = 64 << 20 };

const char *const manual_result_names[] = { "pass", "fail", "skip", NULL };

/* --- for the verdict ------------------------------------------------------------------------ */

static json_t *step_json(const struct testcase *t, const struct manual *m)
{
    const struct bundle_file *f = bundle_find(&t->bundle, m->file);
    json_t *stages = json_array();

    for (int i = 0; i < POINT_MAX_; i++) {
        if (m->stages >> i & 1)
            json_array_append_new(stages, json_string(point_names[i]));
    }
    AUTO_FREE char *name = xasprintf("%s/%s", t->name, m->name);
    return json_pack("{s:s, s:o, s:o, s:{s:s, s:I}}", "step", name, "title", json_text(m->title),
                     "stages", stages, "text", "blob", f->sha256, "size", (json_int_t)f->size);
}

json_t *manual_steps(const struct testcase_list *testcases, enum check_point last)
{
    json_t *steps = json_array();
    unsigned reached = points_until(last);

    for (size_t i = 0; i < testcases->len; i++) {
        const struct testcase *t = &testcases->ptr[i];
        for (size_t k = 0; k < t->manual_count; k++) {
            if (t->manual[k].stages & reached)
                json_array_append_new(steps, step_json(t, &t->manual[k]));
        }
    }
    return steps;
}

void manual_reasons(const json_t *steps, struct strv *ret)
{
    size_t i;
    json_t *step;

    json_array_foreach((json_t *)steps, i, step)
    {
        strv_addf(ret, "manual step '%s' is a person's to take: %s", json_str_at(step, "step"),
                  json_str_at(step, "title"));
    }
}

/* --- how they stand ------------------------------------------------------------------------- */

static json_t *stored_steps(struct store *s, int64_t run, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT verdict IS NOT NULL, json_extract(summary, '$.manual')"
                               " FROM run WHERE id = ?",
                               ARGS(A_INT(run)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return NULL;
    if (rc == 0 || !query_int(q, 0)) {
        err_set(err, rc == 0 ? ERR_NOT_FOUND : ERR_CONFLICT,
                rc == 0 ? "there is no run %" PRId64 : "run %" PRId64 " has no verdict yet", run);
        return NULL;
    }
    const char *text = query_text(q, 1);
    if (!text)
        return json_array(); /* one that broke, or is older than manual steps */
    json_t *steps = json_parse(text, strlen(text), SUMMARY_MAX, "stored run", err);
    if (!steps)
        (*err)->code = ERR_CORRUPT;
    return steps;
}

static int add_answers(struct store *s, int64_t run, json_t *step, struct err **err)
{
    json_t *answers = json_array();
    AUTO_QUERY q = store_query(s,
                               "SELECT result, person, remark, at FROM manual_answer"
                               " WHERE run = ? AND step = ? ORDER BY id",
                               ARGS(A_INT(run), A_TEXT(json_str_at(step, "step"))), err);
    int rc = q ? query_step(q, err) : -1;

    json_object_set_new(step, "answers", answers);
    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(answers, json_pack("{s:s, s:s, s:o, s:I}", "result", query_text(q, 0),
                                                 "person", query_text(q, 1), "remark",
                                                 json_text(query_text(q, 2)), "at",
                                                 (json_int_t)query_int(q, 3)));
    return rc;
}

/* No later answer of the same person. */
static bool stands(const json_t *answers, size_t i)
{
    const char *person = json_str_at(json_array_get(answers, i), "person");

    for (size_t k = i + 1; k < json_array_size(answers); k++) {
        if (strcasecmp(json_str_at(json_array_get(answers, k), "person"), person) == 0)
            return false;
    }
    return true;
}

/* The last answer of this kind that stands, or NULL. */
static const json_t *standing(const json_t *step, enum manual_result result)
{
    const json_t *answers = json_object_get(step, "answers");

    for (size_t i = json_array_size(answers); i-- > 0;) {
        const json_t *a = json_array_get(answers, i);
        if (str_eq(json_str_at(a, "result"), manual_result_names[result]) && stands(answers, i))
            return a;
    }
    return NULL;
}

static const char *state_of(const json_t *step)
{
    if (standing(step, MANUAL_FAIL))
        return "failed";
    if (standing(step, MANUAL_PASS))
        return "passed";
    return standing(step, MANUAL_SKIP) ? "skipped" : "open";
}

json_t *manual_of_run(struct store *s, int64_t run, struct err **err)
{
    AUTO_JSON *steps = stored_steps(s, run, err);
    json_int_t open = 0, failed = 0;
    size_t i;
    json_t *step;

    if (!steps)
        return NULL;
    json_array_foreach(steps, i, step)
    {
        if (add_answers(s, run, step, err) < 0)
            return NULL;
        const char *state = state_of(step);
        json_object_set_new(step, "state", json_string(state));
        failed += str_eq(state, "failed");
        open += str_eq(state, "open") || str_eq(state, "skipped");
    }
    return json_pack("{s:I, s:I, s:I, s:O}", "run", (json_int_t)run, "open", open, "failed", failed,
                     "steps", steps);
}

/* "manual step 'a/b' failed: 'ann' says: ..." */
static void say(const json_t *step, enum manual_result result, const char *what, struct strv *ret)
{
    const json_t *a = standing(step, result);
    const char *remark = json_str_at(a, "remark");
    AUTO_FREE char *shown = str_printable(remark ? remark : "", remark ? strlen(remark) : 0, false);

    strv_addf(ret, "manual step '%s' %s, says '%s': %s", json_str_at(step, "step"), what,
              json_str_at(a, "person"), shown);
}

int manual_gate(struct store *s, int64_t run, struct strv *ret_open, struct strv *ret_failed,
                struct err **err)
{
    AUTO_JSON *manual = manual_of_run(s, run, err);
    size_t i;
    json_t *step;

    if (!manual)
        return -1;
    json_array_foreach(json_object_get(manual, "steps"), i, step)
    {
        const char *state = json_str_at(step, "state");
        if (str_eq(state, "failed"))
            say(step, MANUAL_FAIL, "failed", ret_failed);
        else if (str_eq(state, "skipped"))
            say(step, MANUAL_SKIP, "was skipped", ret_open);
        else if (str_eq(state, "open"))
            strv_addf(ret_open, "manual step '%s' has no result yet: 'patchlab uat %" PRId64 "'",
                      json_str_at(step, "step"), run);
    }
    return 0;
}
