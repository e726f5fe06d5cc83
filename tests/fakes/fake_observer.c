/* Runs in lane threads, so nothing here asserts. */
#include "fakes/fake_observer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/guest.h"

enum { OBSERVE_MS = 1000, ANSWER_MAX = 1 << 20 };

static int take_line(const char *line, struct observation *o, struct err **err)
{
    char first[64], second[256], rest[256];
    bool untouched = str_starts(line, "~ ");

    if (sscanf(line, "owner %255s %255s", second, rest) == 2) {
        observation_add_owned(o, rest, second);
        return 0;
    }
    if (sscanf(line + (untouched ? 2 : 0), "%63s %255s = %255[^\n]", first, second, rest) != 3
        || !seen_kind(first))
        return err_set(err, ERR_INVALID, "what the guest says of itself: '%s'", line);
    for (char *p = strchr(second, '_'); p && str_eq(first, "socket"); p = strchr(p, '_'))
        *p = ' ';
    struct seen *s = observation_add(o, seen_kind(first), second, rest);
    s->touched = !untouched;
    if (str_eq(first, "file"))
        s->written = xstrdup("1.0");
    return 0;
}

int fake_observation(const char *lines, struct observation *ret, struct err **err)
{
    AUTO_OBSERVATION o = { 0 };
    AUTO_FREE char *copy = xstrdup(lines);

    for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (take_line(line, &o, err) < 0)
            return -1;
    }
    observation_sort(&o);
    *ret = o;
    o = (struct observation){ 0 };
    return 0;
}

static int observe(struct guest *g, int64_t touched_ms, const struct stop *stop,
                   struct observation *ret, struct err **err)
{
    const char *const argv[] = { "/fake/observe", NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = OBSERVE_MS, .output_max = ANSWER_MAX };
    AUTO_GUEST_RESULT r = { 0 };

    (void)touched_ms;
    (void)stop;
    if (g->ops->exec(g, &x, &r, err) < 0)
        return -1;
    return fake_observation(r.output.ptr, ret, err);
}

const struct observer_ops fake_observer = { .name = "fake", .observe = observe };
