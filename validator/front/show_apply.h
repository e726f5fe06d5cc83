/* show_apply - how a run's patched guest stands, on the screen of the run. */
#ifndef VALIDATOR_FRONT_SHOW_APPLY_H
#define VALIDATOR_FRONT_SHOW_APPLY_H

#include "base/json.h"

void show_run_apply(const json_t *summary);

#endif
