/*
 * urgency - how soon a vulnerability must be dealt with: the table of CISA's directive BOD 26-04
 * as CERT/CC publishes it (decision table cisa_bod_26_04, 1.0.0); pure.
 *
 *     KEV exposed automatable impact   outcome        KEV exposed automatable impact   outcome
 *      n     n         n      partial  upgrade         n     y         y      partial  14 days
 *      n     n         n      total    upgrade         n     y         n      total    14 days
 *      n     y         n      partial  60 days         n     y         y      total     3 days
 *      n     n         y      partial  60 days         y     y         y      partial   3 days
 *      n     n         y      total    60 days         y     y         n      total     3 days *
 *      y     n         n      partial  14 days         y     n         y      total     3 days *
 *      y     y         n      partial  14 days         y     y         y      total     3 days *
 *      y     n         y      partial  14 days
 *      y     n         n      total    14 days         * and look for traces of an attack first
 *
 * What is not known: exposure counts as exposed.  Without a word on automatable and impact, it is
 * 60 days for what is not known to be exploited; else the strictest outcome that is possible.
 */
#ifndef CORE_URGENCY_H
#define CORE_URGENCY_H

#include <stdbool.h>

enum known { NOT_KNOWN, KNOWN_NO, KNOWN_YES };

struct urgency_facts {
    bool exploited; /* in the catalogue (KEV) */
    enum known exposed, automatable;
    enum known total; /* technical impact: total, else partial */
};

/* In order of strictness. */
enum urgency { URGENCY_UPGRADE, URGENCY_60D, URGENCY_14D, URGENCY_3D, URGENCY_3D_TRIAGE };
extern const char *const urgency_names[]; /* "upgrade", "60 days", ..., NULL */

enum urgency urgency_of(const struct urgency_facts *f);
int urgency_days(enum urgency u); /* -1: with the next upgrade */

/* The day `days` after `from` ("2026-11-24..."), as "2026-12-08"; false when `from` is no date. */
#define URGENCY_DATE_SIZE 16
bool urgency_deadline(const char *from, int days, char ret[URGENCY_DATE_SIZE]);

#endif
