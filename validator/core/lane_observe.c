/* A look at everything in the guest (core/observe.h), before the patch is undone. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/lane_work.h"
#include "core/observe.h"
#include "core/site.h"

static void post_problem(struct lane_work *w, const struct err *why)
{
    w->report->observe_problem = xstrdup(why->msg);
    lane_post(w, "lane.observed", true,
              json_pack("{s:s, s:b, s:o}", "stage", stage_name(w->plan->lane, w->point), "ok",
                        false, "problem", json_text(why->msg)));
}

static void post_seen(struct lane_work *w, int64_t ms)
{
    struct lane_report *rep = w->report;
    AUTO_JSON *items = observation_json(&rep->seen);
    AUTO_FREE char *text = json_canonical(items);
    json_t *blob = lane_blob(w, text, strlen(text));

    if (json_str_at(blob, "blob"))
        snprintf(rep->seen_blob, sizeof(rep->seen_blob), "%s", json_str_at(blob, "blob"));
    lane_post(w, "lane.observed", true,
              json_pack("{s:s, s:b, s:I, s:I, s:I, s:o}", "stage",
                        stage_name(w->plan->lane, w->point), "ok", true, "ms", (json_int_t)ms,
                        "count", (json_int_t)rep->seen.len, "touched",
                        (json_int_t)json_array_size(items), "items", blob));
}

int lane_observe(struct lane_work *w, struct err **err)
{
    const struct observer_ops *o = w->plan->site->observer;
    int64_t begin = clock_mono_ms();
    AUTO_ERR e = NULL;

    if (!w->plan->observe || !o)
        return 0;
    lane_post(w, "lane.observing", false, json_object());
    if (o->observe(w->clone->guest, begin - w->begin_ms, w->plan->stop, &w->report->seen, &e)
        == 0) {
        w->report->observed = true;
        post_seen(w, clock_mono_ms() - begin);
        return 0;
    }
    if (e->code == ERR_GUEST || e->code == ERR_INVALID) {
        post_problem(w, e);
        return 0;
    }
    *err = TAKE(e);
    return -1;
}
