/* libvirt_domains - the domains of a libvirt host. */
#ifndef ADAPTERS_LIBVIRT_DOMAINS_H
#define ADAPTERS_LIBVIRT_DOMAINS_H

#include "ports/domains.h"

extern const struct domains_ops libvirt_domains_ops;

#endif
