/* The packages that need a person's eye, and what the guest wants next; see show_apply.h. */
#include "front/show_apply.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "front/table.h"
#include "front/text.h"

static void show_packages(const json_t *apply)
{
    AUTO_TABLE t = table_new("PACKAGE", "VERSION", "STATE", "BEFORE THE PATCH", NULL);
    size_t i;
    json_t *p;

    json_array_foreach(json_object_get(apply, "broken"), i, p)
    {
        AUTO_FREE char *name = text_at(p, "name"), *version = text_at(p, "version");
        AUTO_FREE char *state = text_at(p, "state");
        table_add(&t, name, version, state,
                  json_is_true(json_object_get(p, "before")) ? "the same" : "in order", NULL);
    }
    json_array_foreach(json_object_get(apply, "held"), i, p)
    {
        AUTO_FREE char *name = text_at(p, "name"), *version = text_at(p, "version");
        AUTO_FREE char *offered = text_at(p, "offered");
        AUTO_FREE char *state = xasprintf("on hold, %s left out", offered);
        if (json_str_at(p, "offered"))
            table_add(&t, name, version, state, "on hold", NULL);
    }
    table_print_below(&t);
}

static void show_conffiles(const json_t *list)
{
    AUTO_TABLE t = table_new("CONFIGURATION FILE", "PACKAGE", "IT WAS", "THE OTHER ONE", NULL);
    size_t i;
    json_t *c;

    json_array_foreach((json_t *)list, i, c)
    {
        AUTO_FREE char *path = text_at(c, "path"), *package = text_at(c, "package");
        AUTO_FREE char *other = text_at(c, "other"), *did = text_at(c, "did");
        table_add(&t, path, package, did, other, NULL);
    }
    table_print_below(&t);
}

void show_run_apply(const json_t *summary)
{
    const json_t *apply = json_object_get(summary, "apply");
    AUTO_FREE char *why = text_strings(json_object_get(apply, "reboot"), "; ", "");

    show_packages(apply);
    show_conffiles(json_object_get(apply, "conffiles"));
    if (json_is_true(json_object_get(summary, "wants_reboot")))
        printf("the patched guest asks for a reboot%s%s\n", *why ? ": " : "", why);
}
