/*
 * cause - why a verdict is no pass, and for each role the shortest way to another one.
 *
 * Every reason that verdict_decide() gives belongs to a cause.  A cause weighs `fail` or `review`;
 * what takes all causes of the verdict's weight away changes the verdict.  The table in cause.c
 * says who can do what about which cause, and what the verdict is then.
 */
#ifndef CORE_CAUSE_H
#define CORE_CAUSE_H

#include "base/json.h"
#include "core/verdict.h"

enum cause {
    CAUSE_NOT_APPLIED,
    CAUSE_REGRESSION,
    CAUSE_RESTART,      /* services could not be restarted */
    CAUSE_REVERSAL,     /* the patch could not be undone, or there is no way to */
    CAUSE_CLAIM,        /* a scan still finds what the patch claims to fix */
    CAUSE_OTHER_FAIL,   /* a reason to fail that this table does not know */
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
    CAUSE_MAX_
};
extern const char *const cause_names[];

/* The causes of a verdict, as bits; 0 for `pass`. */
unsigned verdict_causes(const struct verdict_facts *f, enum verdict v);
json_t *causes_json(unsigned causes);          /* their names */
unsigned causes_from_json(const json_t *list); /* unknown names are passed over */

/* Who can change something; the last two roles sign, the others act. */
enum actor { ACTOR_OWNER, ACTOR_TESTER, ACTOR_GATEKEEPER, ACTOR_SUBMITTER, ACTOR_MAX_ };
extern const char *const actor_names[];

/*
 * What this one can do: adds a sentence for each cause of the verdict's weight that is in his hands
 * to `ret`, and returns the verdict when all that is done: the same as `v` when it is not enough.
 * `objects` names the checks of a cause ("check 'shop/a' and 2 more"), NULL: "it".
 */
enum verdict cause_actions(unsigned causes, enum verdict v, enum actor actor,
                           const char *const objects[CAUSE_MAX_], struct strv *ret);

#endif
