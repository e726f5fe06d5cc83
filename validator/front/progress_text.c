/* Events in words, one row a kind. */
#include "front/progress_text.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "front/text.h"

static char *took(const json_t *body)
{
    return unit_duration(json_int_at(body, "ms"));
}

static char *say_lab(const json_t *b)
{
    AUTO_FREE char *versions = text_at(b, "versions"), *accel = text_at(b, "accel");

    return xasprintf("lab: %s, %s", versions, accel);
}

static char *say_start(const json_t *b)
{
    AUTO_FREE char *how = text_at(b, "how");
    const char *why = json_str_at(b, "why_cold");

    if (!why)
        return xasprintf("clone starts (%s)", how);
    AUTO_FREE char *shown = str_printable(why, strlen(why), false);
    return xasprintf("clone starts (%s: %s)", how, shown);
}

static char *say_up(const json_t *b)
{
    AUTO_FREE char *ms = took(b);

    return xasprintf("guest agent answers after %s", ms);
}

static char *say_ready(const json_t *b)
{
    AUTO_FREE char *ms = took(b);

    return xasprintf(
        json_is_true(json_object_get(b, "ok")) ? "ready after %s" : "not ready after %s", ms);
}

static char *say_packages(const json_t *b)
{
    return xasprintf("%lld packages installed", (long long)json_int_at(b, "count"));
}

static char *say_scan(const json_t *b)
{
    AUTO_FREE char *when = text_at(b, "when");

    return xasprintf("%lld findings %s the patch", (long long)json_int_at(b, "count"), when);
}

static char *say_scan_data(const json_t *b)
{
    return xasprintf("vulnerability data: %lld statements of %zu feeds",
                     (long long)json_int_at(b, "rows"),
                     json_array_size(json_object_get(b, "feeds")));
}

static char *say_applying(const json_t *b)
{
    (void)b;
    return xstrdup("applying the patch");
}

static char *say_applied(const json_t *b)
{
    AUTO_FREE char *ms = took(b), *problem = text_at(b, "problem");

    if (json_is_true(json_object_get(b, "ok")))
        return xasprintf("patch applied in %s", ms);
    return xasprintf("patch not applied: %s", problem);
}

static char *say_check_start(const json_t *b)
{
    AUTO_FREE char *testcase = text_at(b, "testcase"), *check = text_at(b, "check");

    return xasprintf("check %lld/%lld %s/%s", (long long)json_int_at(b, "index"),
                     (long long)json_int_at(b, "count"), testcase, check);
}

static char *say_check(const json_t *b)
{
    AUTO_FREE char *testcase = text_at(b, "testcase"), *check = text_at(b, "check");
    AUTO_FREE char *outcome = text_at(b, "outcome"), *ms = took(b);

    return xasprintf("%s/%s: %s (%s)", testcase, check, outcome, ms);
}

static char *say_reboot(const json_t *b)
{
    (void)b;
    return xstrdup("rebooting");
}

static char *say_rebooted(const json_t *b)
{
    AUTO_FREE char *ms = took(b);

    return xasprintf("rebooted in %s", ms);
}

static char *say_stale(const json_t *b)
{
    return xasprintf("%lld processes use replaced files", (long long)json_int_at(b, "count"));
}

static char *say_restarting(const json_t *b)
{
    AUTO_FREE char *units = text_strings(json_object_get(b, "units"), ", ", "nothing");

    return xasprintf("restarting %s", units);
}

static char *say_restarted(const json_t *b)
{
    AUTO_FREE char *ms = took(b), *problem = text_at(b, "problem");

    if (json_is_true(json_object_get(b, "ok")))
        return xasprintf("restarted in %s", ms);
    return xasprintf("not restarted: %s", problem);
}

static char *say_undoing(const json_t *b)
{
    (void)b;
    return xstrdup("undoing the patch");
}

static char *say_undone(const json_t *b)
{
    AUTO_FREE char *ms = took(b), *problem = text_at(b, "problem");

    if (json_is_true(json_object_get(b, "ok")))
        return xasprintf("patch undone in %s", ms);
    return xasprintf("patch not undone: %s", problem);
}

static char *say_lost(const json_t *b)
{
    AUTO_FREE char *why = text_at(b, "why");

    return xasprintf("guest lost: %s", why);
}

static char *say_end(const json_t *b)
{
    (void)b;
    return xstrdup("clone removed");
}

static char *say_state(const json_t *b)
{
    const char *to = json_str_at(b, "to");

    if (str_eq(to, "prepare"))
        return xstrdup("preparing the payload disc");
    if (str_eq(to, "lanes"))
        return xstrdup("starting both lanes");
    if (str_eq(to, "compare"))
        return xstrdup("comparing");
    if (str_eq(to, "confirm"))
        return xstrdup("the lanes differ: looking again on fresh clones");
    if (str_eq(to, "queued"))
        return xstrdup("back on the queue");
    return NULL;
}

static char *say_confirm(const json_t *b)
{
    AUTO_FREE char *names = text_strings(json_object_get(b, "testcases"), ", ", "the patch alone");

    return xasprintf("round %lld: %s", (long long)json_int_at(b, "round"), names);
}

static char *say_untouched(const json_t *b)
{
    return xasprintf("%lld unexplained: looking whether an untouched clone does the same",
                     (long long)json_int_at(b, "open"));
}

static char *say_observing(const json_t *b)
{
    (void)b;
    return xstrdup("looking at the guest");
}

static char *say_observed(const json_t *b)
{
    AUTO_FREE char *ms = took(b), *problem = text_at(b, "problem");

    if (!json_is_true(json_object_get(b, "ok")))
        return xasprintf("the guest cannot be looked at: %s", problem);
    return xasprintf("looked at %lld things in %s", (long long)json_int_at(b, "count"), ms);
}

static char *say_put_back(const json_t *b)
{
    AUTO_FREE char *why = text_at(b, "why");

    return xasprintf("put back: %s", why);
}

static const struct {
    const char *kind;
    char *(*say)(const json_t *body);
} rows[] = {
    { "lab", say_lab },
    { "run.state", say_state },
    { "run.confirm", say_confirm },
    { "run.untouched", say_untouched },
    { "run.put-back", say_put_back },
    { "lane.start", say_start },
    { "lane.up", say_up },
    { "lane.ready", say_ready },
    { "lane.packages", say_packages },
    { "scan.data", say_scan_data },
    { "lane.scan", say_scan },
    { "patch.applying", say_applying },
    { "patch.applied", say_applied },
    { "lane.stale", say_stale },
    { "lane.restarting", say_restarting },
    { "lane.restarted", say_restarted },
    { "patch.undoing", say_undoing },
    { "patch.undone", say_undone },
    { "check.start", say_check_start },
    { "check", say_check },
    { "lane.reboot", say_reboot },
    { "lane.rebooted", say_rebooted },
    { "lane.lost", say_lost },
    { "lane.observing", say_observing },
    { "lane.observed", say_observed },
    { "lane.end", say_end },
};

char *progress_text(const struct event *e)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (str_eq(rows[i].kind, e->kind))
            return rows[i].say(e->body);
    }
    return NULL;
}
