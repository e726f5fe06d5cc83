/*
 * lab - where clones come from: a hypervisor that starts throw-away VMs on sealed disks.
 *
 * Calling sequence: lab->clone() -> clone->guest ... -> clone->destroy().  A clone is a
 * copy-on-write overlay and a VM; both are gone after destroy(), and whatever a killed process
 * left behind is removed by sweep() of the next one.  How a clone comes up (cold from disk, or
 * warm from saved memory) is the lab's affair; `how` of the clone tells.
 *
 * A clone is sealed: its network card, if any, leads nowhere.
 */
#ifndef PORTS_LAB_H
#define PORTS_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct stop;
struct guest;
struct lab;
struct clone;

enum firmware { FIRMWARE_BIOS, FIRMWARE_UEFI };
extern const char *const firmware_names[]; /* "bios", "uefi", NULL */

struct clone_spec {
    const char *label; /* unique in this lab and a valid name: "run-17-a" */
    const char *disk;  /* the sealed image, qcow2; only ever read */
    enum firmware firmware;
    int64_t memory; /* bytes */
    int vcpus;
    const char *payload;     /* ISO 9660 file for the CD drive; NULL: an empty drive */
    const struct stop *stop; /* every wait of this clone and its guest looks at it; may be NULL */
};

enum clone_state { CLONE_RUNNING, CLONE_OFF, CLONE_PANICKED };

struct clone_ops {
    enum clone_state (*state)(struct clone *c);
    /* The serial console so far, its last `max` bytes; the caller frees. */
    char *(*console)(struct clone *c, size_t max, size_t *ret_len);
    /* The screen as PNG or PPM: *ret_data is the caller's. */
    int (*screenshot)(struct clone *c, char **ret_data, size_t *ret_len, struct err **err);
    int64_t (*disk_added)(struct clone *c); /* bytes the overlay takes, -1 = unknown */
    void (*destroy)(struct clone *c);       /* always succeeds; bounded in time; frees */
};

struct clone {
    const struct clone_ops *ops;
    struct guest *guest; /* lives as long as the clone */
    const char *how;     /* "cold boot" */
};

struct lab_ops {
    int (*clone)(struct lab *lab, const struct clone_spec *spec, struct clone **ret,
                 struct err **err);
    /* Removes VMs, overlays and directories of processes that are gone; *ret counts the VMs. */
    int (*sweep)(struct lab *lab, int *ret, struct err **err);
    void (*close)(struct lab *lab); /* destroys what is still there; frees */
};

struct lab_facts {
    const char *uri;
    const char *accel;    /* "kvm" or "tcg" */
    const char *versions; /* "libvirt 9.0.0, QEMU 7.2.22" */
};

struct lab {
    const struct lab_ops *ops;
    struct lab_facts facts; /* owned by the lab */
};

static inline void clone_destroyp(struct clone **c)
{
    if (*c)
        (*c)->ops->destroy(*c);
}
#define AUTO_CLONE __attribute__((cleanup(clone_destroyp))) struct clone *

#endif
