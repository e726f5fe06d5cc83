/* run_scan - the scans of a run: loading the data, and what the two scans say of the patch. */
#ifndef CORE_RUN_SCAN_H
#define CORE_RUN_SCAN_H

#include "base/json.h"
#include "base/str.h"

struct err;
struct lane_report;
struct run_work;

/* Loads the data and the patch's claims, and records which data it is. */
int run_scan_load(struct run_work *w, struct err **err);

/* One sentence each; pure. */
struct scan_reasons {
    struct strv failures; /* the patch claims to fix it, and it is there still */
    struct strv reviews;  /* it was not there before */
    struct strv notes;
};
void scan_judge(const struct strv *claims, const struct lane_report *candidate,
                struct scan_reasons *ret);
void scan_reasons_release(struct scan_reasons *r);
#define AUTO_SCAN_REASONS __attribute__((cleanup(scan_reasons_release))) struct scan_reasons

/* Member "scan" of the verdict: docs/formats.md. */
json_t *run_scan_json(const struct run_work *w, const struct lane_report *baseline,
                      const struct lane_report *candidate);

#endif
