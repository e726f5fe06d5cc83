/*
 * apt_solver - apt's own solver (ports/solver.h), by `apt-get --simulate` in a private root.
 *
 * Nothing of this machine's apt is read or changed: neither its configuration and hooks nor its
 * sources, keys, state and cache.  apt sees one local repository for each index and believes it,
 * because the caller has verified it.
 */
#ifndef ADAPTERS_APT_SOLVER_H
#define ADAPTERS_APT_SOLVER_H

#include "ports/solver.h"

extern const struct solver_ops apt_solver_ops;

#endif
