/* cvss - the base score of a CVSS 3.0 or 3.1 vector, and the severity it stands for; pure. */
#ifndef VALIDATOR_ADAPTERS_CVSS_H
#define VALIDATOR_ADAPTERS_CVSS_H

#include "ports/scanner.h"

/* In tenths, 0 to 100; -1 when it is no such vector.  Metrics beyond the base do not count. */
int cvss_base_score(const char *vector);

/* By the qualitative scale; a score of 0 is "unimportant", what is no such vector "unknown".
 * CVSS 4 looks its score up in a table of its own and is not evaluated. */
enum severity cvss_severity(const char *vector);

#endif
