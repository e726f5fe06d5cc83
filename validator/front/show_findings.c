/* Findings in tables; see show_findings.h. */
#include "front/show_findings.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "front/table.h"
#include "front/text.h"

enum { REMOVED_SHOWN = 20, REMAINING_SHOWN = 10 };

static char *likelihood_of(const json_t *finding)
{
    const json_t *p = json_object_get(finding, "likelihood");

    return json_is_number(p) ? xasprintf("%.1f %%", json_number_value(p) * 100) : xstrdup("-");
}

static char *deadline_of(const json_t *finding)
{
    return text_at(json_object_get(finding, "exploited"), "deadline");
}

/* Of an image: for whom the findings matter. */
static void show_servers(const json_t *scan)
{
    const json_t *list = json_object_get(scan, "servers");
    AUTO_FREE char *names = text_strings(list, ", ", "-");
    AUTO_FREE char *exposure = text_at(scan, "exposure");

    if (json_array_size(list) > 0)
        printf("it stands for %s; exposure: %s\n", names, exposure);
}

void show_scan(const json_t *scan)
{
    const json_t *list = json_object_get(scan, "findings"), *f;
    const json_t *data = json_object_get(scan, "data");
    AUTO_FREE char *release = text_at(scan, "release");
    AUTO_FREE char *digest = text_digest(json_str_at(data, "digest"));
    AUTO_TABLE t = table_new("FINDING", "SEVERITY", "PACKAGE", "INSTALLED", "FIXED IN",
                             "LIKELIHOOD", "EXPLOITED, DUE", NULL);
    size_t i;

    json_array_foreach((json_t *)list, i, f)
    {
        AUTO_FREE char *id = text_at(f, "id"), *severity = text_at(f, "severity");
        AUTO_FREE char *package = text_at(f, "package"), *installed = text_at(f, "installed");
        AUTO_FREE char *fixed = text_at(f, "fixed_in"), *due = deadline_of(f);
        AUTO_FREE char *likely = likelihood_of(f);
        table_add(&t, id, severity, package, installed, fixed, likely, due, NULL);
    }
    if (json_array_size(list) > 0)
        table_print(&t, stdout);
    AUTO_FREE char *listed = json_int_at(scan, "run") ? xasprintf(
                                 ", as run %lld listed them", (long long)json_int_at(scan, "run"))
                                                      : xstrdup("");
    printf("%zu findings in %lld packages of %s%s; %s, data %s\n", json_array_size(list),
           (long long)json_int_at(scan, "packages"), release, listed, json_str_at(scan, "version"),
           digest);
    show_servers(scan);
}

static void show_some(const json_t *list, const char *after, size_t max, struct table *t)
{
    const json_t *f;
    size_t i;

    json_array_foreach((json_t *)list, i, f)
    {
        AUTO_FREE char *id = text_at(f, "id"), *severity = text_at(f, "severity");
        AUTO_FREE char *package = text_at(f, "package"), *installed = text_at(f, "installed");
        AUTO_FREE char *fixed = text_at(f, "fixed_in");
        if (i < max)
            table_add(t, id, severity, package, installed, fixed, after, NULL);
    }
}

static void say_more(const json_t *list, const char *what, size_t max)
{
    if (json_array_size(list) > max)
        printf("  ... and %zu more that %s\n", json_array_size(list) - max, what);
}

void show_run_scan(const json_t *member)
{
    const json_t *removed = json_object_get(member, "removed");
    const json_t *remaining = json_object_get(member, "remaining");
    const json_t *added = json_object_get(member, "new");
    AUTO_TABLE t = table_new("FINDING", "SEVERITY", "PACKAGE", "VERSION", "FIXED IN",
                             "WITH THE PATCH", NULL);

    if (!json_is_object(member))
        return;
    if (!json_is_true(json_object_get(member, "done"))) {
        AUTO_FREE char *note = text_at(member, "note");
        printf("\nfindings: not looked for: %s\n", note);
        return;
    }
    AUTO_FREE char *data = text_digest(json_str_at(member, "data"));
    printf("\nfindings: %lld before, %lld with the patch (data %s)\n",
           (long long)json_int_at(member, "before"), (long long)json_int_at(member, "after"), data);
    show_some(added, "new", SIZE_MAX, &t);
    show_some(removed, "gone", REMOVED_SHOWN, &t);
    show_some(remaining, "remains", REMAINING_SHOWN, &t);
    if (t.cells.len > t.columns)
        table_print(&t, stdout);
    say_more(removed, "are gone", REMOVED_SHOWN);
    say_more(remaining, "remain", REMAINING_SHOWN);
}
