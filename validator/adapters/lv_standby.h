/*
 * lv_standby - the lab's pool of standbys: clones of one warm image, restored and paused.
 *
 * Before it is paused a standby answers once: that proves it, and under TCG it takes from the later
 * start what takes longest, the translation of the agent's code.
 *
 * A standby has no permit (lab_permit.h): it does not run, so it takes no share of the cores, and
 * no clone of another process waits for it.  It takes memory, of which it leaves enough: none is
 * made unless the host has the memory for it and for two more afterwards, and all go when there is
 * not the memory for two, or when a clone of any process waits for memory.
 *
 * Lane threads take standbys at the same time; the lock guards the list, and nothing slow happens
 * under it.
 */
#ifndef ADAPTERS_LV_STANDBY_H
#define ADAPTERS_LV_STANDBY_H

#include <pthread.h>

#include "ports/lab.h"

struct lv_clone;
struct lv_lab;

struct lv_standbys {
    pthread_mutex_t lock;
    char *of; /* what they are copies of: the UUID of the saved domain */
    struct lv_clone **ptr;
    int len;
    int made; /* ever: it names the next one */
};

void lv_standbys_init(struct lv_standbys *s);
void lv_standbys_release(struct lv_standbys *s); /* destroys them */

/* standby() of ports/lab.h. */
int lv_standby(struct lab *lab, const struct clone_spec *spec, int count, struct err **err);

/* For clone(): 1 and a standby that is awake and has `spec`'s payload, 0 when there is none, -1
 * when the stop was raised.  What does not fit `spec` is destroyed. */
int lv_standby_take(struct lv_lab *l, const struct clone_spec *spec, struct lv_clone **ret,
                    struct err **err);

#endif
