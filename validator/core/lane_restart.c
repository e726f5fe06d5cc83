/* The candidate's step between patched and rebooted: restart what uses replaced files. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/lane_work.h"
#include "core/params.h"
#include "core/site.h"
#include "core/stage_facts.h"

enum { LISTED_MAX = 50 };

/* Lists them; 1 = done, 0 = the guest's answer is of no use and that is said, -1. */
static int look(struct lane_work *w, const char *when, struct stale_list *ret, struct err **err)
{
    const struct restarter *r = w->plan->site->restarter;
    AUTO_ERR e = NULL;

    if (r->stale(w->clone->guest, ret, &e) < 0) {
        if (e->code != ERR_INVALID) {
            *err = TAKE(e);
            return -1;
        }
        mem_freep(&w->report->restart.problem);
        w->report->restart.problem = str_printable(e->msg, strlen(e->msg), false);
    }
    AUTO_JSON *all = stale_json(ret, ret->len);
    AUTO_FREE char *text = json_canonical(all);
    lane_post(w, "lane.stale", true,
              json_pack("{s:s, s:s, s:o, s:I, s:o, s:o}", "stage",
                        stage_name(w->plan->lane, w->point), "when", when, "problem",
                        json_text(e ? e->msg : NULL), "count", (json_int_t)ret->len, "first",
                        stale_json(ret, LISTED_MAX), "list",
                        ret->len > LISTED_MAX ? lane_blob(w, text, strlen(text)) : json_null()));
    return e ? 0 : 1;
}

static void list_units(struct restart_report *r)
{
    for (size_t i = 0; i < r->before.len; i++) {
        const struct stale_process *p = &r->before.ptr[i];
        if (p->restarts && !strv_has(&r->units, p->unit))
            strv_add(&r->units, p->unit);
    }
}

static int restart(struct lane_work *w, struct err **err)
{
    struct restart_report *rep = &w->report->restart;
    AUTO_GUEST_RESULT r = { 0 };

    lane_post(w, "lane.restarting", false, json_pack("{s:o}", "units", json_strv(&rep->units)));
    if (w->plan->site->restarter->restart(w->clone->guest, &rep->units, &r, err) < 0)
        return -1;
    rep->ms = r.duration_ms;
    scrub(&r.output, w->plan->params, SCRUB_WHOLE);
    if (r.timed_out)
        rep->problem = xstrdup("it did not end in time");
    else if (r.exit_code != 0) {
        AUTO_FREE char *said = str_printable(r.output.ptr, r.output.len, false);
        rep->problem = xasprintf("%.300s", said);
    }
    json_t *body = json_pack("{s:b, s:o, s:o}", "ok", !rep->problem, "problem",
                             json_text(rep->problem), "units", json_strv(&rep->units));
    lane_add_exec(w, body, &r);
    lane_post(w, "lane.restarted", true, body);
    return 0;
}

/* As long as nothing is restarted the guest is as it was when it was patched. */
static int leave_out(struct lane_work *w)
{
    w->report->left_out |= 1u << POINT_RESTARTED;
    return 0;
}

int lane_restart(struct lane_work *w, struct err **err)
{
    struct restart_report *rep = &w->report->restart;

    if (!w->report->applied || !w->plan->site->restarter)
        return leave_out(w);
    int rc = look(w, "before", &rep->before, err);
    if (rc < 0)
        return -1;
    rep->looked = rc > 0;
    list_units(rep);
    if (rep->units.len == 0)
        return leave_out(w);
    return restart(w, err) < 0 || look(w, "after", &rep->after, err) < 0 ? -1 : 0;
}
