/* show_changes - unexplained changes on a screen. */
#ifndef FRONT_SHOW_CHANGES_H
#define FRONT_SHOW_CHANGES_H

#include <stdint.h>

#include "base/json.h"

void show_changes(const json_t *changes); /* core/changes.h, changes_of_run() */

/* Member "changes" of a verdict in a few lines; NULL or another thing: nothing. */
void show_run_changes(const json_t *member, int64_t run);

#endif
