/*
 * What is known to be wrong with a lane's packages, before and after the patch.
 *
 * The list that the lane has anyway is looked at by a scanner that was loaded with its data once
 * for the whole run, so both sides are looked at the same way and the guest has no part in it.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/finding.h"
#include "core/lane_work.h"
#include "core/scanning.h"
#include "core/vulns.h"

int lane_scan(struct lane_work *w, const char *when, const struct package_list *packages,
              struct finding_list *ret, bool *ret_done, struct err **err)
{
    const struct scanning *s = w->plan->scanning;
    AUTO_FREE char *release = release_of(packages);
    AUTO_FREE char *note = s ? scanning_why_not(s, packages, release)
                             : xstrdup("there is no list of packages");

    *ret_done = false;
    if (note) {
        mem_freep(&w->report->scan_note);
        w->report->scan_note = TAKE(note);
        return 0;
    }
    if (scanning_run(s, packages, release, w->plan->stop, ret, err) < 0)
        return err_wrap(err, "the scan %s the patch", when);
    *ret_done = true;
    AUTO_JSON *list = findings_json(ret);
    AUTO_FREE char *text = json_canonical(list);
    lane_post(w, "lane.scan", true,
              json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:o}", "when", when, "scanner",
                        s->scanner->name, "version", s->version, "release", release, "data",
                        s->digest, "try", w->report->applications, "count", (json_int_t)ret->len,
                        "findings", lane_blob(w, text, strlen(text))));
    return 0;
}

bool lane_claims_remain(const struct lane_work *w)
{
    const struct strv *claims = w->plan->claims;

    for (size_t i = 0; claims && w->report->scanned_after && i < claims->len; i++) {
        if (finding_find(&w->report->found_after, claims->ptr[i]))
            return true;
    }
    return false;
}
