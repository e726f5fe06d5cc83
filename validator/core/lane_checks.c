/* The checks of all testcases at one check point, one after the other. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/check_results.h"
#include "core/check_run.h"
#include "core/lane_work.h"
#include "core/params.h"
#include "core/site.h"
#include "core/testcase.h"

enum {
    TESTS_INLINE_MAX = 50,
    TESTS_OF_LANE_MAX = 300000,
    MESSAGES_OF_LANE_MAX = 64 << 20,
};

static json_t *check_body(const struct lane_work *w, const char *testcase, const char *check,
                          const char *title)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "stage", stage_name(w->plan->lane, w->point),
                     "testcase", testcase, "check", check, "title", json_text(title));
}

/* A list that is long is a blob of its own. */
static json_t *list_json(const struct lane_work *w, const struct sub_result_list *tests)
{
    json_t *list = check_tests_json(tests);

    if (tests->len <= TESTS_INLINE_MAX)
        return list;
    AUTO_FREE char *text = json_canonical(list);
    json_decref(list);
    return lane_blob(w, text, strlen(text));
}

/* What the report of a check said, for its record. */
static void add_report(const struct lane_work *w, json_t *body, const char *format,
                       const struct guest_result *r, const struct check_judgement *j)
{
    json_t *report = r->report.len ? lane_blob(w, r->report.ptr, r->report.len) : json_null();
    json_t *results = json_pack("{s:s, s:o, s:o, s:o}", "format", format, "report", report,
                                "counts", check_counts_json(&j->tests), "tests",
                                list_json(w, &j->tests));

    json_object_set_new(body, "results", results);
}

/* Hostile testcases shall not fill the memory: beyond a limit there are no messages any more, and
 * then no tests. */
static void keep_tests(struct lane_work *w, struct check_judgement *j)
{
    w->messages += j->tests.messages;
    for (size_t i = 0; w->messages > MESSAGES_OF_LANE_MAX && i < j->tests.len; i++)
        str_clear(&j->tests.ptr[i].message);
    if (j->tests.len == 0 || w->report->results.len + j->tests.len <= TESTS_OF_LANE_MAX)
        return;
    sub_result_list_release(&j->tests);
    free(j->why);
    j->outcome = OUTCOME_FAIL;
    j->why = xasprintf("the checks of this lane report more than %d tests", TESTS_OF_LANE_MAX);
}

/* `points`: those that the result stands for. */
static void record(struct lane_work *w, const char *testcase, const char *check, const char *title,
                   unsigned points, const struct guest_result *r, const char *format,
                   const char *report)
{
    AUTO_JSON *blob = lane_blob(w, r->output.ptr, r->output.len);
    const struct result_format *f = site_result_format(w->plan->site, format);
    AUTO_CHECK_JUDGEMENT j = { 0 };
    struct result *res = result_add(&w->report->results, testcase, check, title, w->point);

    check_judge(f, report, r, &j);
    keep_tests(w, &j);
    res->points = points;
    res->outcome = j.outcome;
    res->message = xstrdup(j.why);
    lane_set_exec(res, r, blob);

    json_t *body = check_body(w, testcase, check, title);
    AUTO_JSON *facts = result_json(res);
    json_object_update(body, facts);
    if (f)
        add_report(w, body, format, r, &j);
    lane_post(w, "check", true, body);
    check_add_tests(&w->report->results, &j.tests);
}

static int run_check(struct lane_work *w, const struct testcase *t, const struct check *c,
                     struct err **err)
{
    const char *format = check_format_names[c->results];
    AUTO_GUEST_RESULT r = { 0 };

    if (c->results != CHECK_EXIT && !site_result_format(w->plan->site, format))
        return err_set(err, ERR_INVALID, "check '%s/%s': nobody here reads the format '%s'",
                       t->name, c->name, format);
    json_t *body = check_body(w, t->name, c->name, c->title);
    json_object_set_new(body, "index", json_integer((json_int_t)++w->checks_done));
    json_object_set_new(body, "count", json_integer((json_int_t)w->checks_total));
    lane_post(w, "check.start", false, body);
    if (check_run(w->clone->guest, t, c, w->plan->params, &r, err) < 0)
        return err_wrap(err, "check '%s/%s'", t->name, c->name);
    record(w, t->name, c->name, c->title, c->stages & lane_points(w), &r, format, c->report);
    return 0;
}

/* A testcase whose `ready` does not come true still runs: its checks tell more than we could. */
static int wait_ready(struct lane_work *w, const struct testcase *t, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (t->ready.argv.len == 0)
        return 0;
    if (check_run_ready(w->clone->guest, t, w->plan->params, &r, err) < 0)
        return err_wrap(err, "ready command of testcase '%s'", t->name);
    record(w, t->name, "@ready", "the testcase's ready command succeeds", lane_points(w), &r, NULL,
           NULL);
    return 0;
}

static size_t count_checks(const struct lane_work *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->plan->testcase_count; i++) {
        const struct testcase *t = &w->plan->testcases[i];
        for (size_t k = 0; k < t->check_count; k++)
            n += (t->checks[k].stages & lane_points(w)) != 0;
    }
    return n;
}

int lane_checks(struct lane_work *w, struct err **err)
{
    w->checks_done = 0;
    w->checks_total = count_checks(w);
    for (size_t i = 0; i < w->plan->testcase_count; i++) {
        const struct testcase *t = &w->plan->testcases[i];
        if (params_push(w->clone->guest, t, params_of(w->plan->params, t->name), err) < 0
            || wait_ready(w, t, err) < 0)
            return -1;
        for (size_t k = 0; k < t->check_count; k++) {
            bool now = (t->checks[k].stages & lane_points(w)) != 0;
            if (now && run_check(w, t, &t->checks[k], err) < 0)
                return -1;
        }
    }
    return 0;
}
