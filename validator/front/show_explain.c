/* A verdict explained, for people; see show_explain.h. */
#include "front/show_explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "front/show_stages.h"
#include "front/text.h"

/* One screen: some 40 lines of 100 columns. */
enum {
    REASONS_SHOWN = 4,
    DIFFERENCES_SHOWN = 3,
    DIFF_LINES = 18, /* of all differences together */
    COLUMNS = 100,
};

/* At most COLUMNS characters and a sign that more follow. */
static void print_cut(const char *prefix, const char *text, size_t len, bool all)
{
    size_t n = 0, columns = 0;

    while (n < len && (all || columns < COLUMNS)) {
        n++;
        while (n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
            n++;
        columns++;
    }
    printf("%s%.*s%s\n", prefix, (int)n, text, n < len ? "..." : "");
}

static void show_strings(const json_t *list, const char *prefix, size_t most, bool all)
{
    size_t i;
    json_t *s;

    json_array_foreach((json_t *)list, i, s)
    {
        const char *text = json_string_value(s);
        AUTO_FREE char *shown = str_printable(text ? text : "", text ? strlen(text) : 0, false);
        if (!all && i == most) {
            printf("%s... and %zu more\n", prefix, json_array_size(list) - most);
            return;
        }
        print_cut(prefix, shown, strlen(shown), all || i == 0);
    }
}

static void show_head(const json_t *run, const json_t *x)
{
    const json_t *patch = json_object_get(run, "patch"), *image = json_object_get(run, "image");
    AUTO_FREE char *name = text_at(patch, "name"), *version = text_at(patch, "version");
    AUTO_FREE char *on = text_at(image, "name"), *verdict = text_at(x, "verdict");

    printf("run %lld: patch %s %s on image %s\nverdict: %s\n", (long long)json_int_at(x, "run"),
           name, version, on, verdict);
}

/* "failed 2 of 2 times", "passed". */
static char *how_often(const json_t *row, const char *side)
{
    const json_t *rounds = json_object_get(row, "rounds"), *tally = json_object_get(rounds, side);
    json_int_t count = json_int_at(rounds, "count");

    if (count == 0)
        return xstrdup("");
    return xasprintf(", failed %lld of %lld times",
                     (long long)(json_int_at(tally, "fail") + json_int_at(tally, "other")),
                     (long long)count);
}

static void show_side(const json_t *row, const char *side)
{
    const json_t *s = json_object_get(row, side);
    AUTO_FREE char *often = how_often(row, side);

    if (!json_is_object(s)) {
        printf("   %-6s no result%s\n", side, often);
        return;
    }
    AUTO_FREE char *outcome = text_at(s, "outcome"), *why = text_at(s, "why");
    bool late = json_is_true(json_object_get(s, "timed_out"));
    bool has_exit = json_is_integer(json_object_get(s, "exit"));
    printf("   %-6s %s", side, late ? "timeout" : outcome);
    if (has_exit && !late)
        printf(", exit status %lld", (long long)json_int_at(s, "exit"));
    if (json_str_at(s, "why"))
        printf(" (%s)", why);
    printf("%s\n", often);
}

/* Lines of a diff, as far as there is room. */
struct screen {
    bool all;
    size_t room, run_max; /* lines; of those with the same sign one after the other */
    size_t left_out;
};

static void show_line(struct screen *s, const char *line, size_t len, size_t run)
{
    bool fits = s->room > 0 && (run < s->run_max || *line == '@');

    if (!s->all && !fits) {
        s->left_out++;
        return;
    }
    s->room -= s->room > 0;
    print_cut("   | ", line, len, s->all);
}

/* Many lines that are gone shall not hide the one that came in their place. */
static void show_diff(const json_t *row, size_t lines, bool all)
{
    const json_t *diff = json_object_get(row, "diff");
    const char *text = json_str_at(diff, "text");
    struct screen s = { all, lines, lines / 3, (size_t)json_int_at(diff, "hidden") };
    size_t run = 0, len;
    char sign = '\0';

    if (!text || !*text) {
        puts(text ? "   both printed the same" : "   what it printed cannot be read any more");
        return;
    }
    for (const char *p = text; *p; p += len + (p[len] == '\n')) {
        len = strcspn(p, "\n");
        run = *p == sign ? run + 1 : 0;
        sign = *p;
        show_line(&s, p, len, run);
    }
    if (s.left_out > 0)
        printf("   | ... %zu more lines: %lld removed, %lld added in all\n", s.left_out,
               (long long)json_int_at(diff, "removed"), (long long)json_int_at(diff, "added"));
}

static void show_difference(const json_t *row, size_t lines, bool all)
{
    AUTO_FREE char *class = text_at(row, "class"), *testcase = text_at(row, "testcase");
    AUTO_FREE char *check = text_at(row, "check"), *test = text_at(row, "test");
    AUTO_FREE char *point = text_at(row, "point"), *title = text_at(row, "title");
    AUTO_FREE char *name = xasprintf(
        "%s/%s%s%s%s at stage '%s'", testcase, check, json_str_at(row, "test") ? ", test '" : "",
        json_str_at(row, "test") ? test : "", json_str_at(row, "test") ? "'" : "", point);

    printf("\n%s: ", class);
    print_cut("", name, strlen(name), all);
    if (!json_str_at(row, "test") && !str_eq(title, check))
        print_cut("   ", title, strlen(title), all);
    show_side(row, "before");
    show_side(row, "after");
    show_diff(row, lines, all);
}

static void show_differences(const json_t *x, bool all)
{
    const json_t *list = json_object_get(x, "differences");
    size_t n = json_array_size(list), shown = all || n < DIFFERENCES_SHOWN ? n : DIFFERENCES_SHOWN;

    for (size_t i = 0; i < shown; i++)
        show_difference(json_array_get(list, i), DIFF_LINES / shown, all);
    if (n > shown)
        printf("\n... and %zu more: 'patchlab run explain %lld --all'\n", n - shown,
               (long long)json_int_at(x, "run"));
}

static void show_change(const json_t *change, const char *now)
{
    AUTO_FREE char *role = text_at(change, "role"), *then = text_at(change, "verdict");
    const json_t *actions = json_object_get(change, "do");
    size_t i;
    json_t *action;

    if (json_array_size(actions) == 0) {
        bool signs = str_eq(role, "gatekeeper");
        printf("  %-11s nothing alone%s\n", role,
               signs ? ": only the verdict 'pass' opens the gate" : "");
        return;
    }
    json_array_foreach((json_t *)actions, i, action)
    {
        const char *text = json_string_value(action);
        AUTO_FREE char *shown = str_printable(text, strlen(text), false);
        printf("  %-11s %s\n", i ? "" : role, shown);
    }
    if (str_eq(then, now))
        printf("  %-11s (not enough alone: it stays '%s')\n", "", now);
    else
        printf("  %-11s -> '%s'\n", "", then);
}

static void show_changes(const json_t *x)
{
    const char *verdict = json_str_at(x, "verdict");
    size_t i;
    json_t *change;

    if (str_eq(verdict, "pass")) {
        puts("\nnothing stands against it; 'patchlab signoff list' shows who has signed");
        return;
    }
    puts("\nwhat would change the verdict:");
    json_array_foreach(json_object_get(x, "changes"), i, change)
    {
        show_change(change, verdict);
    }
}

void show_explain(const json_t *run, const json_t *explanation, bool all)
{
    show_head(run, explanation);
    show_strings(json_object_get(explanation, "reasons"), "  ", REASONS_SHOWN, all);
    show_run_rollback(json_object_get(run, "summary"));
    show_differences(explanation, all);
    show_changes(explanation);
}
