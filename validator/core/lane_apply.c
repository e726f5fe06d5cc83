/* The candidate lane's own step: list packages, apply the patch, list them again. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/lane_work.h"
#include "core/packages.h"
#include "core/patch_guest.h"
#include "core/site.h"

static const struct pkgmgr *image_kind(const struct lane_work *w)
{
    return site_pkgmgr(w->plan->site, w->plan->image->packages);
}

int lane_packages(struct lane_work *w, struct package_list *ret, struct err **err)
{
    const struct pkgmgr *p = image_kind(w);

    if (!p || !p->list)
        return 0;
    if (p->list(w->clone->guest, ret, err) < 0)
        return err_wrap(err, "list the packages");
    AUTO_JSON *list = package_list_json(ret);
    AUTO_FREE char *text = json_canonical(list);
    lane_post(w, "lane.packages", true,
              json_pack("{s:s, s:I, s:o}", "stage", stage_name(w->plan->lane, w->point), "count",
                        (json_int_t)ret->len, "list", lane_blob(w, text, strlen(text))));
    return 0;
}

static int run_patch(struct lane_work *w, struct guest_result *r, struct err **err)
{
    struct guest *g = w->clone->guest;
    const char *payload = NULL;

    if (g->ops->mount_payload(g, &payload, err) < 0)
        return -1;
    w->patching = true;
    return patch_apply(w->plan->site, g, payload, w->plan->patch, r, err);
}

/* How the packages stand, when there is somebody to ask. */
static int look(struct lane_work *w, const char *when, struct pkg_state *ret, struct err **err)
{
    const struct pkgmgr *p = image_kind(w);

    pkg_state_release(ret);
    if (!p || !p->state)
        return 0;
    if (p->state(w->clone->guest, ret, err) < 0)
        return -1;
    json_t *body = pkg_state_json(ret);
    json_object_set_new(body, "when", json_string(when));
    json_object_set_new(body, "try", json_integer(w->report->applications));
    lane_post(w, "lane.state", true, body);
    return 0;
}

/* Applies it, asks how the packages stand, lists and scans them. */
static int apply_once(struct lane_work *w, struct err **err)
{
    struct lane_report *rep = w->report;
    AUTO_GUEST_RESULT r = { 0 };

    rep->applications++;
    lane_post(w, "patch.applying", false, json_pack("{s:i}", "try", rep->applications));
    if (run_patch(w, &r, err) < 0)
        return err_wrap(err, "apply the patch");
    rep->apply_problem = patch_problem(w->plan->patch, &r);
    rep->applied = !rep->apply_problem;
    json_t *body = json_pack("{s:b, s:o, s:i}", "ok", rep->applied, "problem",
                             json_text(rep->apply_problem), "try", rep->applications);
    lane_add_exec(w, body, &r);
    lane_post(w, "patch.applied", true, body);
    rep->facts.known = false;
    if (look(w, "after", &rep->facts.after, err) < 0)
        return -1;
    rep->facts.known = image_kind(w) && image_kind(w)->state;
    rep->wants_reboot = rep->facts.after.reboot.len > 0;
    package_list_release(&rep->after);
    finding_list_release(&rep->found_after);
    rep->scanned_after = false;
    if (lane_packages(w, &rep->after, err) < 0)
        return -1;
    return lane_scan(w, "after", &rep->after, &rep->found_after, &rep->scanned_after, err);
}

int lane_apply(struct lane_work *w, struct err **err)
{
    struct lane_report *rep = w->report;

    if (look(w, "before", &rep->facts.before, err) < 0)
        return -1;
    do {
        if (apply_once(w, err) < 0)
            return -1;
    } while (rep->applied && rep->applications < w->plan->applications_max
             && lane_claims_remain(w));
    return 0;
}
