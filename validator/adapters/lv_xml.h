/* lv_xml - the domain XML of a clone; pure, so that a golden file can hold it. */
#ifndef ADAPTERS_LV_XML_H
#define ADAPTERS_LV_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "ports/lab.h"

struct lv_domain {
    const char *name;
    const char *uuid;
    bool kvm;
    enum firmware firmware;
    int64_t memory; /* bytes */
    int vcpus;
    const char *disk;    /* the overlay */
    const char *payload; /* NULL: empty drive */
    const char *console; /* log file of the serial console */
    const char *line;    /* UNIX socket it listens at */
    const char *agent;   /* UNIX socket; NULL: libvirt chooses */
    const char *nvram;   /* UEFI variables of this clone; NULL with BIOS */
    int sink_port;       /* UDP port on 127.0.0.1 that swallows what the network card sends */
};

char *lv_domain_xml(const struct lv_domain *d); /* the caller frees */

/* Its CD drive alone, with another disc in it; the caller frees. */
char *lv_drive_xml(const char *payload);

#endif
