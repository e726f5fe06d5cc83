/* What the scans before and after the patch say of it; the rules are in verdict.h. */
#include "core/run_scan.h"

#include "base/err.h"
#include "base/mem.h"
#include "core/finding.h"
#include "core/run_work.h"
#include "core/vulns.h"

enum { SENTENCES_MAX = 10 };

void run_claims_of(const json_t *manifest, struct run_claims *ret)
{
    const json_t *said = json_object_get(manifest, "cves"), *x;
    const json_t *claims = json_object_get(manifest, "claims");
    size_t i;

    *ret = (struct run_claims){ 0 };
    json_array_foreach((json_t *)said, i, x)
    {
        if (!json_string_value(x) || strv_has(&ret->all, json_string_value(x)))
            continue;
        strv_add(&ret->said, json_string_value(x));
        strv_add(&ret->all, json_string_value(x));
    }
    json_array_foreach((json_t *)claims, i, x)
    {
        const char *cve = json_str_at(x, "cve");
        if (!cve || strv_has(&ret->all, cve))
            continue;
        strv_add(&ret->changelog, cve);
        strv_add(&ret->all, cve);
    }
}

void run_claims_release(struct run_claims *c)
{
    strv_release(&c->said);
    strv_release(&c->changelog);
    strv_release(&c->all);
}

int run_scan_load(struct run_work *w, struct err **err)
{
    run_claims_release(&w->claims);
    run_claims_of(w->patch.manifest, &w->claims);
    if (!w->image.packages)
        return 0;
    if (scanning_load(w->site, w->options.scanner, w->image.packages, &w->scanning, err) < 0)
        return -1;
    if (scanning_is_empty(&w->scanning))
        return 0;
    AUTO_JSON *body = scanning_json(&w->scanning);
    return run_record(w, "scan.data", body, err);
}

static char *fix_of(const struct finding *f)
{
    return f->fixed_in ? xasprintf("fixed in %s", f->fixed_in) : xstrdup("no fix is known");
}

/* `who` says that it is fixed. */
static void add_claims(const struct strv *claims, const char *who, const struct lane_report *b,
                       struct strv *ret)
{
    for (size_t i = 0; i < claims->len; i++) {
        const struct finding *f = finding_find(&b->found_after, claims->ptr[i]);
        if (!f)
            continue;
        AUTO_FREE char *fix = fix_of(f);
        strv_addf(ret, "%s claims to fix '%s', but '%s %s' has it still (%s), applied %d %s", who,
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

void scan_judge(const struct run_claims *claims, const struct lane_report *candidate,
                struct scan_reasons *ret)
{
    AUTO_FINDINGS_DIFF d = { 0 };

    *ret = (struct scan_reasons){ 0 };
    if (!candidate->scanned_before || !candidate->scanned_after) {
        if (claims->all.len && candidate->scan_note)
            strv_addf(&ret->notes, "nobody looked whether the patch fixes what it claims: %s",
                      candidate->scan_note);
        return;
    }
    findings_diff(&candidate->found_before, &candidate->found_after, &d);
    if (candidate->applied) {
        add_claims(&claims->said, "the patch", candidate, &ret->failures);
        add_claims(&claims->changelog, "a changelog of the patch", candidate, &ret->reviews);
    }
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
    return json_pack(
        "{s:b, s:s, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:i}", "done", true, "scanner",
        w->scanning.scanner->name, "version", w->scanning.version, "release", json_text(release),
        "data", w->scanning.digest, "before", (json_int_t)candidate->found_before.len, "after",
        (json_int_t)candidate->found_after.len, "baseline",
        baseline->scanned_before ? json_integer((json_int_t)baseline->found_before.len)
                                 : json_null(),
        "removed", finding_refs_json(&d.removed), "remaining", finding_refs_json(&d.remaining),
        "new", finding_refs_json(&d.added), "applications", candidate->applications);
}
