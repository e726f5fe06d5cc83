/* The candidate's last step: take the patch out again, and see how long it takes. */
#include "base/err.h"
#include "base/mem.h"
#include "core/lane_work.h"
#include "core/patch.h"
#include "core/patch_guest.h"
#include "core/site.h"

/* Nothing can be done, so there is no state to look at. */
static void post_impossible(struct lane_work *w, const struct err *why)
{
    struct rollback_report *rep = &w->report->rollback;

    w->report->left_out |= 1u << POINT_ROLLED_BACK;
    rep->problem = xstrdup(why->msg);
    lane_post(w, "patch.undone", true,
              json_pack("{s:b, s:b, s:o}", "possible", false, "ok", false, "problem",
                        json_text(rep->problem)));
}

static void post_undone(struct lane_work *w, const struct guest_result *r)
{
    struct rollback_report *rep = &w->report->rollback;

    rep->problem = patch_problem(w->plan->patch, r);
    rep->ok = !rep->problem;
    rep->ms = r->duration_ms;
    json_t *body = json_pack("{s:b, s:b, s:s, s:o}", "possible", true, "ok", rep->ok, "how",
                             rep->how, "problem", json_text(rep->problem));
    lane_add_exec(w, body, r);
    lane_post(w, "patch.undone", true, body);
}

int lane_undo(struct lane_work *w, struct err **err)
{
    const struct patch *patch = w->plan->patch;
    const struct pkgmgr *kind = site_pkgmgr(w->plan->site, patch->kind);
    struct rollback_report *rep = &w->report->rollback;
    struct guest *g = w->clone->guest;
    const char *payload = NULL;
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    if (!w->report->applied) {
        w->report->left_out |= 1u << POINT_ROLLED_BACK;
        return 0;
    }
    rep->tried = true;
    if (g->ops->mount_payload(g, &payload, err) < 0)
        return -1;
    lane_post(w, "patch.undoing", false, json_object());
    if (patch_undo(w->plan->site, g, payload, patch, &r, &e) < 0) {
        if (e->code == ERR_NOT_FOUND) {
            post_impossible(w, e);
            return 0;
        }
        *err = TAKE(e);
        return err_wrap(err, "undo the patch");
    }
    rep->how = kind->undo_how ? xstrdup(kind->undo_how)
                              : xasprintf("its program '%s'", patch->undo ? patch->undo : "undo");
    post_undone(w, &r);
    if (lane_packages(w, &rep->after, err) < 0)
        return -1;
    rep->listed = rep->after.len > 0;
    return 0;
}
