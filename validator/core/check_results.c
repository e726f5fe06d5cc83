/* A check by its exit status and the report of its runner; the rules are in check_results.h. */
#include "core/check_results.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/guest.h"

enum { EXIT_SKIP = 77, WHY_MAX = 1000 };

const char *const check_format_names[] = { "exit", "tap", "junit", NULL };

static enum outcome by_exit(const struct guest_result *r)
{
    if (r->timed_out)
        return OUTCOME_FAIL;
    if (r->exit_code == EXIT_SKIP)
        return OUTCOME_SKIP;
    return r->exit_code == 0 ? OUTCOME_PASS : OUTCOME_FAIL;
}

/* Why the report cannot be read to its end; the caller's, NULL when it can. */
static char *missing_part(const char *report, const struct guest_result *r)
{
    int64_t total = report ? r->report_total : r->output_total;
    size_t kept = report ? r->report.len : r->output.len;

    if (report && r->report_total < 0)
        return xasprintf("it left no file '%s'", report);
    if (total > (int64_t)kept)
        return xasprintf("its report has %lld bytes, of which %zu are within the limit",
                         (long long)total, kept);
    return NULL;
}

/* The tests that it reported; or why not, in words for people. */
static char *read_report(const struct result_format *f, const char *report,
                         const struct guest_result *r, struct sub_result_list *ret)
{
    const struct str *text = report ? &r->report : &r->output;
    AUTO_FREE char *missing = missing_part(report, r);
    AUTO_ERR e = NULL;

    if (missing)
        return TAKE(missing);
    if (f->parse(text->ptr, text->len, ret, &e) < 0) {
        AUTO_FREE char *said = str_printable(e->msg, strlen(e->msg), false);
        return xasprintf("its report cannot be read: %.*s", WHY_MAX, said);
    }
    return ret->len > 0 || ret->skipped ? NULL : xstrdup("its report has no test");
}

static size_t count(const struct sub_result_list *l, enum sub_outcome outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++)
        n += l->ptr[i].outcome == outcome;
    return n;
}

static enum outcome decide(const struct guest_result *r, const struct sub_result_list *l,
                           char **ret_why)
{
    size_t failed = count(l, SUB_FAIL), skipped = count(l, SUB_SKIP);
    bool all_skipped = l->len == 0; /* the report said so */

    if (r->timed_out) {
        *ret_why = xasprintf("its time was over; %zu tests had been reported", l->len);
        return OUTCOME_FAIL;
    }
    if (failed > 0) {
        *ret_why = xasprintf("%zu of %zu tests failed", failed, l->len);
        return OUTCOME_FAIL;
    }
    if (r->exit_code != 0 && !(all_skipped && r->exit_code == EXIT_SKIP)) {
        *ret_why = xasprintf("exit status %d, although none of %zu tests failed", r->exit_code,
                             l->len);
        return OUTCOME_FAIL;
    }
    if (all_skipped)
        *ret_why = xasprintf("all was skipped: %s", l->skipped[0] ? l->skipped : "nobody says why");
    else
        *ret_why = xasprintf("%zu of %zu tests passed", l->len - skipped, l->len);
    return skipped == l->len ? OUTCOME_SKIP : OUTCOME_PASS;
}

void check_judge(const struct result_format *format, const char *report,
                 const struct guest_result *r, struct check_judgement *ret)
{
    *ret = (struct check_judgement){ .outcome = by_exit(r) };
    if (!format)
        return;
    AUTO_FREE char *problem = read_report(format, report, r, &ret->tests);
    if (!problem) {
        ret->outcome = decide(r, &ret->tests, &ret->why);
    } else if (ret->outcome != OUTCOME_SKIP) {
        ret->outcome = OUTCOME_FAIL;
        ret->why = r->timed_out ? xasprintf("its time was over, and %s", problem) : TAKE(problem);
    }
}

void check_judgement_release(struct check_judgement *j)
{
    sub_result_list_release(&j->tests);
    free(j->why);
    *j = (struct check_judgement){ 0 };
}

static enum outcome outcome_of(enum sub_outcome o)
{
    static const enum outcome outcomes[] = {
        [SUB_PASS] = OUTCOME_PASS,
        [SUB_FAIL] = OUTCOME_FAIL,
        [SUB_SKIP] = OUTCOME_SKIP,
    };

    return outcomes[o];
}

void check_add_tests(struct result_list *l, const struct sub_result_list *tests)
{
    for (size_t i = 0; i < tests->len; i++) {
        const struct sub_result *t = &tests->ptr[i];
        struct result *r = result_add_sub(l, t->name, outcome_of(t->outcome));
        r->todo = t->todo;
        r->duration_ms = t->duration_ms;
        r->message = t->message.len ? xstrdup(t->message.ptr) : NULL;
    }
}

json_t *check_counts_json(const struct sub_result_list *tests)
{
    return json_pack("{s:I, s:I, s:I}", "pass", (json_int_t)count(tests, SUB_PASS), "fail",
                     (json_int_t)count(tests, SUB_FAIL), "skip",
                     (json_int_t)count(tests, SUB_SKIP));
}

json_t *check_tests_json(const struct sub_result_list *tests)
{
    json_t *list = json_array();

    for (size_t i = 0; i < tests->len; i++) {
        const struct sub_result *t = &tests->ptr[i];
        json_t *message = t->message.len ? json_text(t->message.ptr) : json_null();
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:b, s:I, s:o}", "test", json_text(t->name), "outcome",
                            outcome_names[outcome_of(t->outcome)], "todo", t->todo, "ms",
                            (json_int_t)t->duration_ms, "message", message));
    }
    return list;
}
