/* What a patch changed beside what it is for; see show_changes.h. */
#include "front/show_changes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "front/table.h"
#include "front/text.h"

enum { SHOWN_IN_RUN = 12 };

static void add_rows(struct table *t, const json_t *items, size_t most)
{
    size_t i;
    json_t *c;

    json_array_foreach((json_t *)items, i, c)
    {
        AUTO_FREE char *id = text_at(c, "item"), *kind = text_at(c, "kind");
        AUTO_FREE char *key = text_at(c, "key"), *change = text_at(c, "change");
        AUTO_FREE char *state = text_at(c, "state");
        AUTO_FREE char *head = xstrndup(id, 8);
        if (i < most)
            table_add(t, head, kind, key, change, state, NULL);
    }
}

static void show_values(const json_t *items)
{
    size_t i;
    json_t *c;

    json_array_foreach((json_t *)items, i, c)
    {
        AUTO_FREE char *id = text_at(c, "item"), *kind = text_at(c, "kind");
        AUTO_FREE char *key = text_at(c, "key"), *before = text_at(c, "before");
        AUTO_FREE char *after = text_at(c, "after"), *state = text_at(c, "state");
        AUTO_FREE char *why = text_at(c, "why");
        printf("%.8s  %s %s\n  before: %s\n  after:  %s\n  %s%s%s\n", id, kind, key, before, after,
               state, json_str_at(c, "why") ? ": " : "", json_str_at(c, "why") ? why : "");
    }
}

static void show_counts(const json_t *changes)
{
    const json_t *explained = json_object_get(changes, "explained");
    size_t i;
    json_t *e;

    json_array_foreach((json_t *)explained, i, e)
    {
        AUTO_FREE char *why = text_at(e, "why");
        printf("  %lld explained: %s\n", (long long)json_int_at(e, "count"), why);
    }
    if (json_int_at(changes, "noise") > 0)
        printf("  %lld noise: they differ between untouched clones, too (%lld were looked at)\n",
               (long long)json_int_at(changes, "noise"),
               (long long)json_int_at(changes, "baselines"));
}

void show_changes(const json_t *changes)
{
    const json_t *items = json_object_get(changes, "items");

    if (!json_is_true(json_object_get(changes, "observed"))) {
        AUTO_FREE char *note = text_at(changes, "note");
        printf("nobody looked for changes: %s\n", note);
        return;
    }
    printf("unexplained changes: %lld open, %zu in all\n", (long long)json_int_at(changes, "open"),
           json_array_size(items));
    show_values(items);
    if (json_int_at(changes, "more") > 0)
        printf("... and %lld more\n", (long long)json_int_at(changes, "more"));
    show_counts(changes);
}

void show_run_changes(const json_t *member, int64_t run)
{
    const json_t *items = json_object_get(member, "items");
    size_t n = json_array_size(items);
    long long all = (long long)n + (long long)json_int_at(member, "more");

    if (n == 0)
        return;
    printf("\nunexplained changes: %lld\n", all);
    AUTO_TABLE t = table_new("ITEM", "KIND", "WHAT", "CHANGE", "STATE", NULL);
    add_rows(&t, items, SHOWN_IN_RUN);
    table_print(&t, stdout);
    if (all > SHOWN_IN_RUN)
        printf("... and %lld more\n", all - SHOWN_IN_RUN);
    printf("'patchlab run changes %lld' shows each before and after\n", (long long)run);
}
