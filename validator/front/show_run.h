/* show_run - a run on one screen: verdict, why, table of checks, what to do next. */
#ifndef FRONT_SHOW_RUN_H
#define FRONT_SHOW_RUN_H

#include <stdbool.h>

#include "base/json.h"
#include "core/verdict.h"

struct err;
struct site;

/* `run` is what run_json() gave; outputs of checks come from the blobs.  With `all` the output of
 * every difference, else of the first few. */
int show_run(const struct site *site, const json_t *run, bool all, struct err **err);

/* The exit status that stands for a verdict. */
int verdict_status(enum verdict v);
int verdict_status_of(const char *name); /* NULL (no verdict yet): STATUS_DONE */

#endif
