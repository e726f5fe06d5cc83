/* lane_work - what the steps of a lane share (the lane*.c files). */
#ifndef CORE_LANE_WORK_H
#define CORE_LANE_WORK_H

#include "core/lane.h"
#include "ports/guest.h"
#include "ports/lab.h"

struct err;

struct lane_work {
    const struct lane_plan *plan;
    struct lane_report *report;
    struct clone *clone;
    enum check_point point; /* where the lane is now */
    bool patching;          /* from here on a lost guest is a result */
    int64_t begin_ms;       /* when the clone ran, by clock_mono_ms() */
    int64_t boot_ms;        /* of the first boot, until the agent answered */
    size_t checks_done, checks_total;
    size_t messages; /* bytes that the reports of checks said so far */
};

/* Posts an event with "lane" added to its body (taken). */
void lane_post(const struct lane_work *w, const char *kind, bool evidence, json_t *body);

/* {"blob","size"} of hostile bytes, or JSON null when there are none or they cannot be kept. */
json_t *lane_blob(const struct lane_work *w, const void *data, size_t len);

/* Of a program that ran in the guest: {"exit","timed_out","ms","total","output"}, added to the body
 * of an event. */
void lane_add_exec(const struct lane_work *w, json_t *body, const struct guest_result *r);

/* Gives a result what was kept by lane_blob() as its output; and how the program ended. */
void lane_set_output(struct result *res, const json_t *blob);
void lane_set_exec(struct result *res, const struct guest_result *r, const json_t *blob);

/* A result of the lab itself: "@guest" boots, ready. */
struct result *lane_result(struct lane_work *w, const char *check, const char *title,
                           enum outcome outcome);

/* Bits of the check points that what is seen now stands for. */
unsigned lane_points(const struct lane_work *w);

int lane_apply(struct lane_work *w, struct err **err);
int lane_restart(struct lane_work *w, struct err **err);
int lane_undo(struct lane_work *w, struct err **err);
int lane_checks(struct lane_work *w, struct err **err);

/* Looks at the guest when the plan says so.  One that cannot be looked at, or is lost meanwhile, is
 * a note in the report: what the checks said of it stands. */
int lane_observe(struct lane_work *w, struct err **err);

/* Scans a list of packages into `ret` and says so in an event; *ret_done is false, and the report
 * has a note, when there is nothing to scan or to scan with.  Nothing is asked of the guest. */
int lane_scan(struct lane_work *w, const char *when, const struct package_list *packages,
              struct finding_list *ret, bool *ret_done, struct err **err);

/* The patch says that it fixes something, and that is still found after it was applied. */
bool lane_claims_remain(const struct lane_work *w);

/* Lists the packages, when the image has a package manager, into `ret`. */
int lane_packages(struct lane_work *w, struct package_list *ret, struct err **err);

#endif
