/* debsecan_output - reads what 'debsecan --format detail' prints, strictly. */
#ifndef VALIDATOR_ADAPTERS_DEBSECAN_OUTPUT_H
#define VALIDATOR_ADAPTERS_DEBSECAN_OUTPUT_H

#include <stddef.h>

#include "ports/scanner.h"

struct err;

#define DEBSECAN_OUTPUT_MAX (256u << 20)

/*
 * Adds a finding for each entry; `source` is the feed.  A fix counts when it is available in the
 * suite that was asked for: the least of the versions that debsecan lists which is newer than what
 * is installed.  ERR_INVALID names the line that is not understood.
 */
int debsecan_output_parse(const char *text, size_t len, const char *source,
                          int (*order)(const char *a, const char *b), struct finding_list *ret,
                          struct err **err);

#endif
