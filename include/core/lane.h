/*
 * lane - one clone's way through a run; runs in a thread of its own and touches no database.
 *
 *     boot -> ready -> packages -> [apply] -> checks          "patched"
 *                         |           |
 *                         |           again while findings remain that it claims to fix
 *                         a scan on the host, whenever packages were listed
 *     [list who uses replaced files -> restart them] -> ready -> checks          "restarted"
 *     reboot -> ready -> checks -> observe          "rebooted"
 *     [undo the patch] -> ready -> checks -> end          "rolled-back"
 *
 * What stands in brackets is the candidate's alone.  Where that left nothing to look at, because
 * nothing uses a replaced file or the patch cannot be undone, the rest of the line is left out.
 * The baseline lane passes over the second and the last line in the first round (core/stage.h).
 *
 * A guest that is lost (panic, off, no answer) after the patch began to be applied, or on the
 * reboot, is a result of the lane ("@guest" checks), not an error: lane_run() returns 0.  Anything
 * that says nothing about the patch is an error and makes the run broken.
 */
#ifndef CORE_LANE_H
#define CORE_LANE_H

#include "core/apply_facts.h"
#include "core/compare.h"
#include "core/event.h"
#include "ports/observer.h"
#include "ports/pkgmgr.h"
#include "ports/restarter.h"
#include "ports/scanner.h"

struct site;
struct lab;
struct image;
struct params;
struct patch;
struct testcase;
struct stop;
struct strv;
struct scanning;

struct lane_plan {
    const struct site *site;
    struct lab *lab;
    enum lane lane;
    int round;         /* 1: the first; above: it confirms; 0: a clone to learn noise from */
    unsigned points;   /* bits of the check points that it goes through */
    const char *label; /* of the clone */
    const struct image *image;
    bool observe;              /* look at everything at the end (core/observe.h) */
    bool warm;                 /* from the warm image, if there is one */
    const struct patch *patch; /* NULL in the baseline lane */
    const struct testcase *testcases;
    size_t testcase_count;
    const char *payload;             /* ISO file */
    const struct scanning *scanning; /* NULL: the image has no list of packages */
    int applications_max;            /* tries, while findings remain that it claims to fix */
    const struct strv *claims;   /* CVEs that the patch says it fixes; NULL in the baseline lane */
    const struct params *params; /* what the checks are told; NULL: nothing */
    const struct stop *stop;
    struct mailbox *mailbox;
};

/* What was done about processes that use replaced files. */
struct restart_report {
    bool looked;                     /* the lists say something */
    struct stale_list before, after; /* after: when something was restarted, before: else */
    struct strv units;               /* that were restarted */
    int64_t ms;
    char *problem; /* half a sentence; NULL: all went well */
};

/* How the patch was taken out again. */
struct rollback_report {
    bool tried, ok;
    char *how;     /* "a downgrade of its packages" */
    char *problem; /* why not, or why it cannot be tried; half a sentence; NULL: all went well */
    int64_t ms;
    struct package_list after; /* packages; empty when the image has no list */
    bool listed;
};

struct lane_report {
    struct result_list results;
    unsigned left_out; /* bits of check points at which there was nothing to look at */
    struct restart_report restart;
    struct rollback_report rollback;
    struct package_list before, after; /* packages; after: candidate only */
    bool applied;
    char *apply_problem;
    bool wants_reboot;
    struct apply_facts facts;                      /* candidate only */
    struct finding_list found_before, found_after; /* as the packages */
    bool scanned_before, scanned_after;            /* without it, no finding says nothing */
    char *scan_note;                               /* why not; NULL */
    int applications;                              /* how often the patch was applied */
    struct observation seen;                       /* at the lane's end */
    bool observed;
    bool cold;                       /* the clone was booted */
    char seen_blob[DIGEST_HEX_SIZE]; /* observation_json(); "" when it could not be kept */
    char *observe_problem;           /* why not; NULL */
};

int lane_run(const struct lane_plan *plan, struct lane_report *ret, struct err **err);
void lane_report_release(struct lane_report *r);

#endif
