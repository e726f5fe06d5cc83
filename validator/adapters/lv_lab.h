/* lv_lab - what the lab and its clones share. */
#ifndef ADAPTERS_LV_LAB_H
#define ADAPTERS_LV_LAB_H

#include <pthread.h>

#include "adapters/lab_slot.h"
#include "adapters/lv_conn.h"
#include "adapters/lv_standby.h"
#include "ports/lab.h"

struct lv_lab {
    struct lab base;
    struct lab_slot slot;
    virConnectPtr conn;
    bool kvm, embedded;
    int swept;
    int clones; /* at once, see lab_permit.h */
    struct lv_standbys standbys;
    char *lab_dir;        /* of all slots */
    char *uri, *versions; /* what base.facts points at */
};

int lv_clone_new(struct lab *lab, const struct clone_spec *spec, struct clone **ret,
                 struct err **err);

#endif
