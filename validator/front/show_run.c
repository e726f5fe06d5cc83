/* A run on one screen; see show_run.h. */
#include "front/show_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "core/signoff.h"
#include "core/site.h"
#include "front/show_apply.h"
#include "front/show_changes.h"
#include "front/show_findings.h"
#include "front/show_gate.h"
#include "front/show_stages.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "store/blob.h"

/* Of a check's output this much is shown; `evidence blob` has the rest. */
enum {
    OUTPUT_SHOWN = 4096,
    LINES_SHOWN = 12,
    PACKAGES_SHOWN = 12,
    DIFFERENCES_SHOWN = 3,
    TESTS_SHOWN = 12,
    NAME_SHOWN = 60
};

int verdict_status(enum verdict v)
{
    static const int statuses[VERDICT_MAX_] = {
        [VERDICT_PASS] = STATUS_DONE,
        [VERDICT_FAIL] = STATUS_FAIL,
        [VERDICT_REVIEW] = STATUS_REVIEW,
        [VERDICT_BROKEN] = STATUS_BROKEN,
    };

    return statuses[v];
}

int verdict_status_of(const char *name)
{
    for (int i = 0; i < VERDICT_MAX_; i++) {
        if (str_eq(name, verdict_names[i]))
            return verdict_status((enum verdict)i);
    }
    return STATUS_DONE;
}

static void show_head(const json_t *run)
{
    const json_t *patch = json_object_get(run, "patch"), *image = json_object_get(run, "image");
    const char *verdict = json_str_at(run, "verdict");
    AUTO_FREE char *pd = text_digest(json_str_at(patch, "digest"));
    AUTO_FREE char *id = text_digest(json_str_at(image, "digest"));
    AUTO_FREE char *took = unit_duration(json_int_at(run, "ended") - json_int_at(run, "created"));

    printf("run %lld: patch %s %s (%s) on image %s (%s)\n", (long long)json_int_at(run, "id"),
           json_str_at(patch, "name"), json_str_at(patch, "version"), pd,
           json_str_at(image, "name"), id);
    if (verdict)
        printf("verdict: %s, after %s\n", verdict, took);
    else
        printf("no verdict yet: the run is in state '%s'\n", json_str_at(run, "state"));
}

static void show_strings(const json_t *list, const char *prefix)
{
    size_t i;
    json_t *s;

    json_array_foreach((json_t *)list, i, s)
    {
        const char *text = json_string_value(s);
        AUTO_FREE char *shown = text ? str_printable(text, strlen(text), false) : NULL;
        printf("%s%s\n", prefix, shown ? shown : "");
    }
}

static char *outcome_of(const json_t *side)
{
    if (json_is_true(json_object_get(side, "timed_out")))
        return xstrdup("timeout");
    return text_at(side, "outcome");
}

/* "pass", or "fail, 3 of 212 passed" of a check that reports tests. */
static char *side_of(const json_t *row, const char *side)
{
    AUTO_FREE char *outcome = outcome_of(json_object_get(row, side));
    const json_t *counts = json_object_get(json_object_get(row, "tests"), side);
    json_int_t passed = json_int_at(counts, "pass");
    json_int_t all = passed + json_int_at(counts, "fail") + json_int_at(counts, "skip");

    if (all == 0)
        return TAKE(outcome);
    return xasprintf("%s, %lld of %lld", outcome, (long long)passed, (long long)all);
}

/* The tests of a check that differ; the others are counted with the check. */
static void add_tests(struct table *t, const json_t *check, const char *point)
{
    const json_t *tests = json_object_get(check, "tests");
    json_int_t ok = json_int_at(json_object_get(tests, "classes"), "ok");
    json_int_t skipped = json_int_at(json_object_get(tests, "classes"), "skipped");
    json_int_t left = json_int_at(tests, "count") - ok - skipped;
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(tests, "differ"), i, row)
    {
        AUTO_FREE char *test = text_at(row, "test"), *class = text_at(row, "class");
        AUTO_FREE char *name = xasprintf("  %.*s%s", NAME_SHOWN, test,
                                         strlen(test) > NAME_SHOWN ? "..." : "");
        AUTO_FREE char *was = side_of(row, "before"), *is = side_of(row, "after");
        if (i == TESTS_SHOWN)
            break;
        table_add(t, name, point, was, is, class, NULL);
        left--;
    }
    if (left > 0) {
        AUTO_FREE char *rest = xasprintf("  ... and %lld more", (long long)left);
        table_add(t, rest, point, "", "", "", NULL);
    }
}

static void show_checks(const json_t *checks)
{
    AUTO_TABLE t = table_new("CHECK", "STAGE", "BEFORE", "AFTER", "RESULT", NULL);
    size_t i;
    json_t *c;

    json_array_foreach((json_t *)checks, i, c)
    {
        AUTO_FREE char *testcase = text_at(c, "testcase"), *check = text_at(c, "check");
        AUTO_FREE char *name = xasprintf("%s/%s", testcase, check);
        AUTO_FREE char *point = text_at(c, "point"), *class = text_at(c, "class");
        AUTO_FREE char *was = side_of(c, "before"), *is = side_of(c, "after");
        table_add(&t, name, point, was, is, class, NULL);
        add_tests(&t, c, point);
    }
    table_print_below(&t);
}

static void show_packages(const json_t *packages)
{
    static const struct {
        const char *key, *word;
    } kinds[] = { { "changed", "" }, { "added", " (new)" }, { "removed", " (removed)" } };
    int shown = 0, all = 0;

    if (!json_is_object(packages))
        return;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        all += (int)json_array_size(json_object_get(packages, kinds[k].key));
    printf("\npackages changed: %d\n", all);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        size_t i;
        json_t *p;
        json_array_foreach(json_object_get(packages, kinds[k].key), i, p)
        {
            AUTO_FREE char *name = text_at(p, "name"), *from = text_at(p, "from");
            AUTO_FREE char *to = text_at(p, "to");
            if (shown++ < PACKAGES_SHOWN)
                printf("  %s  %s -> %s%s\n", name, from, to, kinds[k].word);
        }
    }
    if (shown > PACKAGES_SHOWN)
        printf("  ... and %d more\n", shown - PACKAGES_SHOWN);
}

/* Every line behind a bar, so that output cannot pass for ours; the end is what tells most. */
static void show_output(const struct site *site, const json_t *side)
{
    const char *hex = json_str_at(json_object_get(side, "output"), "blob");
    AUTO_ERR e = NULL;
    size_t len = 0;

    if (!hex) {
        puts("    | (no output)");
        return;
    }
    AUTO_FREE char *raw = blob_get(site->blobs, hex, SIZE_MAX / 2, &len, &e);
    if (!raw) {
        printf("    | (cannot read it: %s)\n", e->msg);
        return;
    }
    size_t from = len > OUTPUT_SHOWN ? len - OUTPUT_SHOWN : 0;
    AUTO_FREE char *text = str_printable(raw + from, len - from, true);
    int lines = 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n' && p[1];
    char *p = text;
    for (; lines >= LINES_SHOWN; lines--)
        p = strchr(p, '\n') + 1;
    if (p != text || from > 0)
        printf("    | ... ('patchlab evidence blob %s' has all %zu bytes)\n", hex, len);
    while (p && *p) {
        char *end = strchr(p, '\n');
        printf("    | %.*s\n", end ? (int)(end - p) : (int)strlen(p), p);
        p = end ? end + 1 : NULL;
    }
}

static void show_side(const struct site *site, const json_t *side, const char *word)
{
    if (!json_is_object(side)) {
        printf("  %s: no result\n", word);
        return;
    }
    AUTO_FREE char *outcome = outcome_of(side), *stage = text_at(side, "stage");
    AUTO_FREE char *took = unit_duration(json_int_at(side, "ms"));
    printf("  %s (stage '%s'): %s, exit status %lld, %s\n", word, stage, outcome,
           (long long)json_int_at(side, "exit"), took);
    if (json_str_at(side, "why")) {
        AUTO_FREE char *why = text_at(side, "why");
        printf("    %s\n", why);
    }
    show_output(site, side);
}

static bool matters(const json_t *c)
{
    const char *class = json_str_at(c, "class");

    return str_eq(class, "regression") || str_eq(class, "missing") || str_eq(class, "flaky");
}

/* The same check differed at an earlier stage: what it printed there tells enough. */
static bool was_shown(const json_t *checks, size_t before)
{
    const json_t *c = json_array_get(checks, before);

    for (size_t i = 0; i < before; i++) {
        const json_t *b = json_array_get(checks, i);
        if (matters(b) && str_eq(json_str_at(b, "testcase"), json_str_at(c, "testcase"))
            && str_eq(json_str_at(b, "check"), json_str_at(c, "check")))
            return true;
    }
    return false;
}

/* The differences that a person has to look at, with what was printed before and after: one screen
 * tells what happened, the rest can be asked for. */
static void show_differences(const struct site *site, const json_t *checks, int64_t run, bool all)
{
    int shown = 0, more = 0;
    size_t i;
    json_t *c;

    json_array_foreach((json_t *)checks, i, c)
    {
        const char *class = json_str_at(c, "class");
        if (!matters(c) || (!all && was_shown(checks, i)))
            continue;
        if (!all && shown == DIFFERENCES_SHOWN) {
            more++;
            continue;
        }
        shown++;
        AUTO_FREE char *testcase = text_at(c, "testcase"), *check = text_at(c, "check");
        AUTO_FREE char *title = text_at(c, "title");
        printf("\n%s: %s/%s: %s\n", class, testcase, check, title);
        show_side(site, json_object_get(c, "before"), "before");
        show_side(site, json_object_get(c, "after"), "after");
    }
    if (more > 0)
        printf("\n... and %d more check%s; 'patchlab run show %lld --all' shows everything\n", more,
               more == 1 ? "" : "s", (long long)run);
}

static int show_gate_of(const struct site *site, const json_t *run, struct err **err)
{
    int64_t id = json_int_at(run, "id");
    const json_t *changes = json_object_get(json_object_get(run, "summary"), "changes");
    const char *verdict = json_str_at(run, "verdict");
    AUTO_STRV missing = { 0 };

    if (!str_eq(verdict, "pass") && !json_is_true(json_object_get(changes, "only_reason")))
        return 0;
    int open = signoff_gate(site->store, id, &missing, err);
    if (open < 0)
        return -1;
    show_gate(0, open, &missing);
    if (!open && str_eq(verdict, "pass"))
        printf("next: patchlab signoff approve %lld --role owner --as NAME\n", (long long)id);
    return 0;
}

int show_run(const struct site *site, const json_t *run, bool all, struct err **err)
{
    const json_t *summary = json_object_get(run, "summary");
    const json_t *evidence = json_object_get(run, "evidence");
    const char *hint = json_str_at(json_object_get(summary, "error"), "hint");
    AUTO_FREE char *head = text_digest(json_str_at(evidence, "head"));

    show_head(run);
    show_strings(json_object_get(summary, "reasons"), "  ");
    if (hint)
        printf("  hint: %s\n", hint);
    show_checks(json_object_get(summary, "checks"));
    show_packages(json_object_get(summary, "packages"));
    show_run_scan(json_object_get(summary, "scan"));
    show_run_apply(summary);
    show_run_stages(summary);
    show_run_changes(json_object_get(summary, "changes"), json_int_at(run, "id"));
    show_differences(site, json_object_get(summary, "checks"), json_int_at(run, "id"), all);
    if (str_eq(json_str_at(run, "verdict"), "fail")
        || str_eq(json_str_at(run, "verdict"), "review"))
        printf("\nnext: patchlab run explain %lld\n", (long long)json_int_at(run, "id"));
    printf("\nevidence: %lld records, head %s; 'patchlab evidence show %lld'\n",
           (long long)json_int_at(evidence, "records"), head, (long long)json_int_at(run, "id"));
    return show_gate_of(site, run, err);
}
