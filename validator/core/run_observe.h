/*
 * run_observe - what changed beyond the checks in a run: the difference of its lanes, minus what is
 * explained, minus noise, minus what somebody acknowledged before.
 *
 * Noise is what differs between two untouched clones that went the same way: the same image and
 * testcases, as far, started the same way (the `scope`).  The baseline lane of each run adds to it.
 * As long as only one was seen, and only when something is not explained, the run looks at one
 * more untouched clone.
 */
#ifndef CORE_RUN_OBSERVE_H
#define CORE_RUN_OBSERVE_H

#include <stdbool.h>

#include "base/json.h"

struct err;
struct run_work;
struct strv;

/* Learns, compares, and sets w->changes; w->wants_untouched when one more clone must be asked. */
int run_changes(struct run_work *w, struct err **err);

/* The step of that one: the baseline lane alone, with all testcases. */
int run_look_again(struct run_work *w, struct err **err);

/* One sentence each. */
void run_changes_judge(const struct run_work *w, struct strv *ret_reviews, struct strv *ret_notes);

/* Member "changes" of the verdict: docs/formats.md. */
json_t *run_changes_json(const struct run_work *w, bool only_reason);

#endif
