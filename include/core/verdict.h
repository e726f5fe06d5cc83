/*
 * verdict - what a run says about its patch; a pure function of what was seen.
 *
 * `fail`   the patch could never be applied, or a check regressed, or the patched guest was lost,
 *          or a scan still finds what the patch claims to fix
 * `review` nothing failed, but a result is missing or flaky, the patch could not be applied each
 *          time, it changed nothing, a package was on hold or not in order before already, a scan
 *          finds what was not there before, something changed that the patch does not explain, or
 *          no check passed at all: a person must look
 * `pass`   otherwise
 *
 * What is worse at a check point than it was counts as the gate of the point says (core/stage.h):
 * at one with `review` it is never a reason to fail, at one with `note` it is only told.
 *
 * `broken` is never decided here: it is the lab's failure and says nothing about the patch
 */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include <stdbool.h>

#include "core/compare.h"

struct strv;

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_REVIEW, VERDICT_BROKEN, VERDICT_MAX_ };
extern const char *const verdict_names[];

struct verdict_facts {
    const struct comparison_list *comparisons;
    struct gates gates;
    int applied, apply_tries;  /* how often its own exit status was 0, in time, of how many */
    const char *apply_problem; /* one sentence when it was not always so */
    bool counts_packages;      /* the kind of patch changes packages */
    size_t packages_changed;
    /* Sentences about the findings before and after (core/run_scan.h); NULL: none. */
    const struct strv *scan_failures, *scan_reviews, *scan_notes;
    /* Sentences about how the packages stand (core/apply_facts.h); NULL: none.  What the patch
     * broke makes it fail unless it could be applied another time; the notes are always told. */
    const struct strv *apply_broken, *apply_reviews, *apply_notes;
    const struct strv *manual_reviews; /* of core/manual.h; NULL: none */
    /* Sentences about what changed beyond the checks (core/run_observe.h); NULL: none. */
    const struct strv *change_reviews, *change_notes;
    bool not_looked; /* the former say that nobody could look */
    /* One sentence each (core/stage_facts.h); NULL: none.  That there is no way to undo it counts
     * only when what stays behind must not be worse. */
    const char *restart_problem, *undo_problem, *undo_impossible;
    const struct strv *stage_notes;
};

/*
 * Why it is no `pass`: every reason to `fail` or `review` belongs to one of these.  core/cause.h
 * says who can do what about which.
 */
enum cause {
    CAUSE_NOT_APPLIED,
    CAUSE_REGRESSION,
    CAUSE_RESTART,      /* services could not be restarted */
    CAUSE_REVERSAL,     /* the patch could not be undone, or there is no way to */
    CAUSE_CLAIM,        /* a scan still finds what the patch claims to fix */
    CAUSE_OTHER_FAIL,   /* the record of the run does not say it */
    CAUSE_HALF_APPLIED, /* not each time */
    CAUSE_PACKAGES,     /* some are on hold, or not in order */
    /* The same at a stage whose gate is `review`. */
    CAUSE_REVIEW_REGRESSION,
    CAUSE_REVIEW_RESTART,
    CAUSE_REVIEW_REVERSAL,
    CAUSE_FLAKY,
    CAUSE_MISSING,
    CAUSE_NO_CHANGE,
    CAUSE_NEW_FINDING,
    CAUSE_CHANGES,    /* that nothing explains */
    CAUSE_MANUAL,     /* steps that people take */
    CAUSE_NOT_LOOKED, /* what changed beyond the checks is not known */
    CAUSE_NO_PASS,
    CAUSE_OTHER_REVIEW,
    CAUSE_BROKEN, /* the lab */
    CAUSE_MAX_,
    CAUSE_NONE = CAUSE_MAX_ /* it is in order, or only told */
};

/*
 * Adds one sentence a reason to `ret_reasons`, the weightiest first.  *ret_causes has the causes as
 * bits, when it fails also those that would leave it at `review`; 0 for `pass`.
 */
enum verdict verdict_decide(const struct verdict_facts *f, struct strv *ret_reasons,
                            unsigned *ret_causes);

/* What the row is a reason of, by its class and the gate of its check point. */
enum cause verdict_row_cause(const struct gates *g, const struct comparison *c);

#endif
