/* run_scan - the scans of a run: loading the data, and what the two scans say of the patch. */
#ifndef CORE_RUN_SCAN_H
#define CORE_RUN_SCAN_H

#include "base/json.h"
#include "base/str.h"

struct err;
struct lane_report;
struct run_work;

/* The CVEs that a patch is said to fix: by patch.yaml or an advisory, and by its changelogs alone.
 * Changelogs name CVEs that who scores them sees otherwise, so the latter count less. */
struct run_claims {
    struct strv said, changelog;
    struct strv all; /* both; each once */
};
void run_claims_of(const json_t *manifest, struct run_claims *ret);
void run_claims_release(struct run_claims *c);

/* Loads the scanner, its data and the patch's claims, and records which they are. */
int run_scan_load(struct run_work *w, struct err **err);

/* One sentence each; pure. */
struct scan_reasons {
    struct strv failures; /* the patch claims to fix it, and it is there still */
    struct strv reviews;  /* only a changelog claims it, or it was not there before */
    struct strv notes;
};
void scan_judge(const struct run_claims *claims, const struct lane_report *candidate,
                struct scan_reasons *ret);
void scan_reasons_release(struct scan_reasons *r);
#define AUTO_SCAN_REASONS __attribute__((cleanup(scan_reasons_release))) struct scan_reasons

/* Member "scan" of the verdict: docs/formats.md. */
json_t *run_scan_json(const struct run_work *w, const struct lane_report *baseline,
                      const struct lane_report *candidate);

#endif
