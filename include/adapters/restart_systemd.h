/*
 * restart_systemd - services restarted by systemd; a guest without it is only listed.
 *
 * What must not be restarted under a system that runs (the bus, the logins of people, the lab's own
 * channel into the guest) is listed and left alone.
 */
#ifndef ADAPTERS_RESTART_SYSTEMD_H
#define ADAPTERS_RESTART_SYSTEMD_H

#include "ports/restarter.h"

extern const struct restarter restart_systemd;

/* What the script prints, strictly: "systemd" or "none", lines "PID TAB NAME TAB CGROUP TAB FILE",
 * "end".  ERR_INVALID names the line. */
int stale_list_parse(const char *text, size_t len, struct stale_list *ret, struct err **err);

#endif
