/*
 * What is known to be wrong with a lane's packages, before and after the patch.
 *
 * The list that the lane has anyway is matched with data that was loaded once for the whole run,
 * so both sides are looked at the same way and the guest has no part in it.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/finding.h"
#include "core/lane_work.h"
#include "core/vulns.h"

/* NULL when it can be scanned, else why not; the caller frees. */
static char *why_not(const struct lane_work *w, const struct package_list *packages,
                     const char *release)
{
    const struct vulns *v = w->plan->vulns;

    if (packages->len == 0)
        return xstrdup("there is no list of packages");
    if (!v || vulns_count(v) == 0)
        return xstrdup("there is no vulnerability data");
    if (!release)
        return xstrdup("the release of the guest is not known");
    if (!vulns_know(v, release))
        return xasprintf("the vulnerability data does not speak of '%s'", release);
    return NULL;
}

void lane_scan(struct lane_work *w, const char *when, const struct package_list *packages,
               struct finding_list *ret, bool *ret_done)
{
    AUTO_FREE char *release = release_of(packages);
    AUTO_FREE char *note = why_not(w, packages, release);

    *ret_done = !note;
    if (note) {
        mem_freep(&w->report->scan_note);
        w->report->scan_note = TAKE(note);
        return;
    }
    vulns_match(w->plan->vulns, packages, release, ret);
    AUTO_JSON *list = findings_json(ret);
    AUTO_FREE char *text = json_canonical(list);
    lane_post(w, "lane.scan", true,
              json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:o}", "when", when, "scanner", "built-in",
                        "release", release, "data", vulns_digest(w->plan->vulns), "try",
                        w->report->applications, "count", (json_int_t)ret->len, "findings",
                        lane_blob(w, text, strlen(text))));
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
