/* What the scans before and after the patch say of it; the rules are in verdict.h. */
#include "core/run_scan.h"

#include "base/err.h"
#include "base/mem.h"
#include "core/finding.h"
#include "core/run_work.h"
#include "core/vulns.h"

enum { SENTENCES_MAX = 10 };

static void load_claims(struct run_work *w)
{
    const json_t *list = json_object_get(w->patch.manifest, "cves"), *cve;
    size_t i;

    json_array_foreach((json_t *)list, i, cve)
    {
        if (json_string_value(cve))
            strv_add(&w->claims, json_string_value(cve));
    }
}

int run_scan_load(struct run_work *w, struct err **err)
{
    load_claims(w);
    if (!w->image.packages)
        return 0;
    w->vulns = vulns_load(w->site->store, w->image.packages, err);
    if (!w->vulns)
        return err_wrap(err, "load the vulnerability data");
    if (vulns_count(w->vulns) == 0)
        return 0;
    AUTO_JSON *body = json_pack("{s:s, s:o, s:I}", "digest", vulns_digest(w->vulns), "feeds",
                                vulns_data(w->vulns), "rows", (json_int_t)vulns_count(w->vulns));
    return run_record(w, "scan.data", body, err);
}

static char *fix_of(const struct finding *f)
{
    return f->fixed_in ? xasprintf("fixed in %s", f->fixed_in) : xstrdup("no fix is known");
}

static void add_claims(const struct strv *claims, const struct lane_report *b, struct strv *ret)
{
    for (size_t i = 0; i < claims->len; i++) {
        const struct finding *f = finding_find(&b->found_after, claims->ptr[i]);
        if (!f)
            continue;
        AUTO_FREE char *fix = fix_of(f);
        strv_addf(ret, "the patch claims to fix '%s', but '%s %s' has it still (%s), applied %d %s",
                  f->id, f->package, f->installed, fix, b->applications,
                  b->applications == 1 ? "time" : "times");
    }
}

static void add_new(const struct finding_refs *added, struct strv *ret)
{
    for (size_t i = 0; i < added->len && i < SENTENCES_MAX; i++) {
        const struct finding *f = added->ptr[i];
        AUTO_FREE char *fix = fix_of(f);
        strv_addf(ret, "the patch brings '%s' with '%s %s' (%s)", f->id, f->package, f->installed,
                  fix);
    }
    if (added->len > SENTENCES_MAX)
        strv_addf(ret, "and %zu more findings that were not there before",
                  added->len - SENTENCES_MAX);
}

void scan_judge(const struct strv *claims, const struct lane_report *candidate,
                struct scan_reasons *ret)
{
    AUTO_FINDINGS_DIFF d = { 0 };

    *ret = (struct scan_reasons){ 0 };
    if (!candidate->scanned_before || !candidate->scanned_after) {
        if (claims->len && candidate->scan_note)
            strv_addf(&ret->notes, "nobody looked whether the patch fixes what it claims: %s",
                      candidate->scan_note);
        return;
    }
    findings_diff(&candidate->found_before, &candidate->found_after, &d);
    if (candidate->applied)
        add_claims(claims, candidate, &ret->failures);
    add_new(&d.added, &ret->reviews);
    strv_addf(&ret->notes, "of %zu findings the patch removes %zu", candidate->found_before.len,
              d.removed.len);
}

void scan_reasons_release(struct scan_reasons *r)
{
    strv_release(&r->failures);
    strv_release(&r->reviews);
    strv_release(&r->notes);
}

json_t *run_scan_json(const struct run_work *w, const struct lane_report *baseline,
                      const struct lane_report *candidate)
{
    AUTO_FINDINGS_DIFF d = { 0 };

    if (!candidate->scanned_before || !candidate->scanned_after)
        return json_pack("{s:b, s:o}", "done", false, "note", json_text(candidate->scan_note));
    AUTO_FREE char *release = release_of(&candidate->before);
    findings_diff(&candidate->found_before, &candidate->found_after, &d);
    return json_pack("{s:b, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:i}", "done", true,
                     "scanner", "built-in", "release", json_text(release), "data",
                     vulns_digest(w->vulns), "before", (json_int_t)candidate->found_before.len,
                     "after", (json_int_t)candidate->found_after.len, "baseline",
                     baseline->scanned_before ? json_integer((json_int_t)baseline->found_before.len)
                                              : json_null(),
                     "removed", finding_refs_json(&d.removed), "remaining",
                     finding_refs_json(&d.remaining), "new", finding_refs_json(&d.added),
                     "applications", candidate->applications);
}
