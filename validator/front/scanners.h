/* scanners - which scanner a command is to use. */
#ifndef FRONT_SCANNERS_H
#define FRONT_SCANNERS_H

#include "base/json.h"

struct cli;
struct wire;

/* clang-format off */
#define SCANNER_OPTION \
    { "scanner", "NAME", "who looks for findings: built-in, debsecan or oscap (built-in)" }
/* clang-format on */

/* --scanner, else that of config.yaml, else NULL: the default. */
const char *scanners_choose(const struct cli *c, const struct wire *w);

/* scanner_list(), for doctor.c: its findings and those of core/scanning.h have one name. */
json_t *scanners_there(const struct wire *w);

#endif
