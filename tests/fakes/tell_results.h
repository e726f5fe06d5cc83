/* tell_results - what a parser of reports made of one, as a line that a test can compare. */
#ifndef FAKES_TELL_RESULTS_H
#define FAKES_TELL_RESULTS_H

#include "ports/results.h"

/* "pass a|fail b: why|skip c todo 12 ms", or "all skipped: why"; the caller frees. */
char *tell_results(const struct sub_result_list *l);

#endif
