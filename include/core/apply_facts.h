/*
 * apply_facts - how a system's packages stood before a patch and how they stand with it: what was
 * broken when and by whom, what was left out, and which configuration files somebody has to look
 * at.  Pure, but for the life cycle.
 */
#ifndef CORE_APPLY_FACTS_H
#define CORE_APPLY_FACTS_H

#include <stdbool.h>

#include "base/json.h"
#include "base/str.h"
#include "ports/pkgmgr.h"

struct apply_facts {
    bool known; /* false: there is nobody to ask, or the guest was lost */
    struct pkg_state before, after;
};
void apply_facts_release(struct apply_facts *f);

/* One sentence each. */
struct apply_reasons {
    struct strv broken;  /* the patch left it out of order */
    struct strv reviews; /* on hold, or out of order already: a person must look */
    struct strv notes;   /* what an owner must know: whose configuration it is now */
};
void apply_judge(const struct apply_facts *f, struct apply_reasons *ret);
void apply_reasons_release(struct apply_reasons *r);
#define AUTO_APPLY_REASONS __attribute__((cleanup(apply_reasons_release))) struct apply_reasons

/* docs/formats.md: the body of a record 'lane.state', and the member 'apply' of a run's summary
 * (JSON null when nothing is known). */
json_t *pkg_state_json(const struct pkg_state *s);
json_t *apply_facts_json(const struct apply_facts *f);

#endif
