/* show_stages - what was restarted, and how the patch can be undone, for people. */
#ifndef FRONT_SHOW_STAGES_H
#define FRONT_SHOW_STAGES_H

#include "base/json.h"

void show_run_stages(const json_t *summary);

/* One line: how the patch can be undone. */
void show_run_rollback(const json_t *summary);

#endif
