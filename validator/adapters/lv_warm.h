/*
 * lv_warm - a warm image: its files and its record.
 *
 *     DIR/memory       what virDomainSave() wrote; for us alone, it holds the guest's secrets
 *     DIR/disk.qcow2   the disk at that moment, an overlay on the sealed image
 *     DIR/nvram.fd     with UEFI
 *     DIR/warm.json    the record, written last
 */
#ifndef ADAPTERS_LV_WARM_H
#define ADAPTERS_LV_WARM_H

#include "adapters/qga.h"
#include "ports/lab.h"

struct lv_clone;
struct lv_lab;

struct lv_warm {
    char *memory, *disk, *nvram, *record; /* paths */
};
void lv_warm_paths(const char *dir, struct lv_warm *ret);
void lv_warm_release(struct lv_warm *w);
#define AUTO_LV_WARM __attribute__((cleanup(lv_warm_release))) struct lv_warm

/* How the saved domain was called, which has to change in the header of its memory, and what its
 * guest is known by. */
struct lv_saved {
    char *name, *uuid, *dir;
    int sink_port;
    struct qga_rest rest;
};
void lv_saved_release(struct lv_saved *s);
#define AUTO_LV_SAVED __attribute__((cleanup(lv_saved_release))) struct lv_saved

/* Writes the record of what save() has put at `w`. */
int lv_warm_write(const struct lv_clone *c, const struct lv_warm *w, const struct qga_rest *rest,
                  struct err **err);

/* Reads it back; `ret_saved` may be NULL. */
int lv_warm_read(struct lv_lab *l, const struct clone_spec *spec, struct warm_facts *ret,
                 struct lv_saved *ret_saved, struct err **err);

/* warm_facts() of ports/lab.h. */
int lv_warm_facts(struct lab *lab, const struct clone_spec *spec, struct warm_facts *ret,
                  struct err **err);

#endif
