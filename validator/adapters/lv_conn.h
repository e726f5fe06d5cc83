/*
 * lv_conn - one libvirt connection, the event loop thread behind it, and libvirt's errors as ours.
 */
#ifndef ADAPTERS_LV_CONN_H
#define ADAPTERS_LV_CONN_H

#include <libvirt/libvirt.h>

#include "base/err.h"

/* Starts the event loop once a process, opens the connection.  `log_file` takes libvirt's own
 * messages; libvirt prints nothing. */
virConnectPtr lv_open(const char *uri, const char *log_file, struct err **err);

/* As err_set() with ": libvirt's message"; the code follows libvirt's. Returns -1. */
int lv_err_set(struct err **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
