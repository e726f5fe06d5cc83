/*
 * oval_results - reads OVAL results (oval_results of the OVAL language 5) as oscap writes them.
 *
 * A definition of class vulnerability or patch that is true is a finding for each package whose
 * test made it true: the test's object names the package, its state ("less than") the version that
 * fixes it, its references the CVEs.
 */
#ifndef VALIDATOR_ADAPTERS_OVAL_RESULTS_H
#define VALIDATOR_ADAPTERS_OVAL_RESULTS_H

#include <stddef.h>

#include "ports/scanner.h"

struct err;

#define OVAL_RESULTS_MAX (1024u << 20)

struct oval_reading {
    const char *source;                  /* name of the feed */
    const struct package_list *packages; /* sorted; what is installed, and what it was built from */
    const struct stop *stop;
};

/* Adds to `ret`, not merged.  ERR_INVALID: it is not understood; ERR_IO: a definition could not be
 * evaluated, so nobody knows. */
int oval_results_parse(const char *text, size_t len, const struct oval_reading *in,
                       struct finding_list *ret, struct err **err);

#endif
