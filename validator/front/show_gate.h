/* show_gate - whether the gate of a run is open, and what is missing, for people. */
#ifndef FRONT_SHOW_GATE_H
#define FRONT_SHOW_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct strv;

/* What signoff_gate() said.  `run` 0: it is clear from what stands above. */
void show_gate(int64_t run, bool open, const struct strv *missing);

#endif
