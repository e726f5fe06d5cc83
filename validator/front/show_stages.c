/* What was restarted and how the patch can be undone; see show_stages.h. */
#include "front/show_stages.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "front/text.h"

enum { SHOWN_MAX = 5 };

static void show_processes(const json_t *processes)
{
    const json_t *first = json_object_get(processes, "first");
    json_int_t count = json_int_at(processes, "count");
    size_t i;
    json_t *p;

    if (count == 0)
        return;
    puts("replaced files are used until the next reboot by");
    json_array_foreach((json_t *)first, i, p)
    {
        AUTO_FREE char *name = text_at(p, "name"), *file = text_at(p, "file");
        AUTO_FREE char *unit = text_at(p, "unit");
        if (i == SHOWN_MAX)
            break;
        printf("  %s (process %lld, %s): %s\n", name, (long long)json_int_at(p, "pid"), unit, file);
    }
    if (count > SHOWN_MAX)
        printf("  ... and %lld more\n", (long long)count - SHOWN_MAX);
}

static void show_restart(const json_t *restart)
{
    const json_t *list = json_object_get(restart, "units");
    AUTO_FREE char *units = text_strings(list, ", ", ""), *problem = text_at(restart, "problem");
    AUTO_FREE char *took = unit_duration(json_int_at(restart, "ms"));

    if (json_array_size(list) > 0)
        printf("restarted, because they used replaced files: %s (in %s)\n", units, took);
    if (json_str_at(restart, "problem"))
        printf("restart: %s\n", problem);
    show_processes(json_object_get(restart, "after"));
}

static void show_left(const json_t *left)
{
    static const char *const keys[] = { "changed", "added", "removed" };
    size_t shown = 0, all = 0, i;
    json_t *p;

    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        all += json_array_size(json_object_get(left, keys[k]));
    if (all == 0)
        return;
    puts("  what stays otherwise than it was before:");
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        json_array_foreach(json_object_get(left, keys[k]), i, p)
        {
            AUTO_FREE char *name = text_at(p, "name"), *from = text_at(p, "from");
            AUTO_FREE char *to = text_at(p, "to");
            if (shown++ < SHOWN_MAX)
                printf("    %s  %s -> %s\n", name, from, to);
        }
    }
    if (all > SHOWN_MAX)
        printf("    ... and %zu more\n", all - SHOWN_MAX);
}

void show_run_rollback(const json_t *summary)
{
    const json_t *rollback = json_object_get(summary, "rollback");
    AUTO_FREE char *how = text_at(rollback, "how"), *problem = text_at(rollback, "problem");
    AUTO_FREE char *took = unit_duration(json_int_at(rollback, "ms"));

    if (!json_is_object(rollback))
        return;
    if (!json_is_true(json_object_get(rollback, "possible")))
        printf("rollback: only by restoring the VM: %s\n", problem);
    else if (!json_is_true(json_object_get(rollback, "ok")))
        printf("rollback: failed: %s\n", problem);
    else
        printf("rollback: undone by %s in %s\n", how, took);
}

void show_run_stages(const json_t *summary)
{
    const json_t *restart = json_object_get(summary, "restart");

    if (json_is_object(restart))
        show_restart(restart);
    show_run_rollback(summary);
    show_left(json_object_get(json_object_get(summary, "rollback"), "left_behind"));
}
