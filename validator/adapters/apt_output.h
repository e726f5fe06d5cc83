/* apt_output - what `apt-get --simulate` prints; pure. */
#ifndef VALIDATOR_ADAPTERS_APT_OUTPUT_H
#define VALIDATOR_ADAPTERS_APT_OUTPUT_H

#include "ports/solver.h"

/* ERR_DENIED when packages would be removed, ERR_IO when a line is not understood. */
int apt_output_plan(const char *text, struct solver_plan *ret, struct err **err);

/* Why apt gave up: always -1. */
int apt_output_refusal(const char *out, const char *errors, struct err **err);

#endif
