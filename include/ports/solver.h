/*
 * solver - which packages a system needs for its updates: the word of the package manager itself.
 *
 * Dependencies, alternatives, virtual packages, conflicts and pins have too many rules to be
 * understood a second time; what decides in the guest decides here, too.
 */
#ifndef PORTS_SOLVER_H
#define PORTS_SOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;
struct stop;

/* The packages that one repository offers: a Packages file. */
struct solver_index {
    const char *text;
    size_t len;
    bool only_for_need; /* nothing is upgraded to it; it only has what others depend on */
};

struct solver_task {
    const char *arch;   /* of the system: "amd64" */
    const char *status; /* what is installed, as in dpkg's status file */
    size_t status_len;
    const struct solver_index *indexes;
    size_t index_count;
    const struct strv *names; /* to install or upgrade; empty: all that can be upgraded */
    const struct stop *stop;
};

struct solver_change {
    char *name, *arch, *from, *to; /* from NULL: it was not installed */
};

struct solver_plan {
    struct solver_change *ptr;
    size_t len;
    struct strv kept_back; /* could be upgraded, but not without removing something */
};

struct solver_ops {
    /*
     * ERR_DENIED when it cannot be done, or only by removing packages: the message gives the
     * reason in the solver's words.  ERR_NOT_FOUND when no index has a named package.
     */
    int (*solve)(const struct solver_task *task, struct solver_plan *ret, struct err **err);
};

void solver_plan_add(struct solver_plan *p, const char *name, const char *arch, const char *from,
                     const char *to);
void solver_plan_release(struct solver_plan *p);
#define AUTO_SOLVER_PLAN __attribute__((cleanup(solver_plan_release))) struct solver_plan

#endif
