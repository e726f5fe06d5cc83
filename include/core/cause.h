/*
 * cause - why a verdict is no pass, and for each role the shortest way to another one.
 *
 * Every reason that verdict_decide() gives belongs to a cause, which weighs `fail` or `review`;
 * what takes all causes of the verdict's weight away changes the verdict.  The table in cause.c
 * says who can do what about which cause, and what the verdict is then.
 */
#ifndef CORE_CAUSE_H
#define CORE_CAUSE_H

#include "base/json.h"
#include "core/verdict.h"

extern const char *const cause_names[];

json_t *causes_json(unsigned causes);          /* the names of bits */
unsigned causes_from_json(const json_t *list); /* unknown names are passed over */

/* Only what people settle after the verdict: the gate takes the `review` like a `pass` then, as
 * soon as none of it is open (core/signoff.h). */
bool causes_are_open_matters(unsigned causes);

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
