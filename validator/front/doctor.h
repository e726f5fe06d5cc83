/* doctor - the prerequisites, one row each: how to find out, and how to mend. */
#ifndef FRONT_DOCTOR_H
#define FRONT_DOCTOR_H

#include "base/str.h"

struct err;
struct wire;

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_BAD, HEALTH_MAX_ };
extern const char *const health_names[]; /* "ok", "warning", "missing", NULL */

struct finding {
    enum health health;
    char *text; /* what was seen */
    char *mend; /* what a person can do; NULL when nothing needs to be done */
};

struct doctor_check {
    const char *name;
    void (*look)(struct wire *w, struct finding *ret);
    /* Does what `mend` says; *ret_did says what was done.  NULL: only a person can. */
    int (*fix)(struct wire *w, char **ret_did, struct err **err);
};

extern const struct doctor_check doctor_checks[]; /* ends with a zero row */

/* doctor_host.c: what is outside of the state directory. */
void look_programs(struct wire *w, struct finding *ret);
void look_account(struct wire *w, struct finding *ret);
void look_kvm_device(struct wire *w, struct finding *ret);
void look_accel(struct wire *w, struct finding *ret);
void look_memory(struct wire *w, struct finding *ret);
int fix_programs(struct wire *w, char **ret_did, struct err **err);
int fix_account(struct wire *w, char **ret_did, struct err **err);
int fix_kvm_device(struct wire *w, char **ret_did, struct err **err);

#endif
