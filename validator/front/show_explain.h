/* show_explain - what explain_run() found, on one screen; with `all` on as many as it takes. */
#ifndef FRONT_SHOW_EXPLAIN_H
#define FRONT_SHOW_EXPLAIN_H

#include <stdbool.h>

#include "base/json.h"

void show_explain(const json_t *run, const json_t *explanation, bool all);

#endif
