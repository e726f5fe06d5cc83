/* observe - the observers of any Linux guest; see ports/observer.h. */
#ifndef ADAPTERS_OBSERVE_H
#define ADAPTERS_OBSERVE_H

#include <stddef.h>
#include <stdint.h>

#include "ports/observer.h"

extern const struct observer_ops guest_observer;

/* Reads what the script printed, compressed or not; ERR_INVALID.  For tests and fuzzers. */
int observe_parse(const char *data, size_t len, const struct stop *stop, struct observation *ret,
                  struct err **err);

#endif
