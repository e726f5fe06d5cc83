/*
 * lab - where clones come from: a hypervisor that starts throw-away VMs on sealed disks.
 *
 * Calling sequence: lab->clone() -> clone->guest ... -> clone->destroy().  A clone is a
 * copy-on-write overlay and a VM; both are gone after destroy(), and whatever a killed process
 * left behind is removed by sweep() of the next one.
 *
 * Warm: a clone that has booted and come to rest can be sealed with its memory, by save(), in a
 * directory: a warm image.  A clone whose spec names such a directory continues where the saved one
 * was, within a second.  When that cannot be done it boots cold, and why_cold says what stood in
 * the way; how a clone came up changes nothing for its user.
 *
 * Standby: a clone of a warm image that was restored ahead of time, and paused.  It waits for the
 * clone() that asks for its image.
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
    const char *label; /* unique in this lab, a valid name, and short: "run17-a" */
    const char *disk;  /* the sealed image, qcow2; only ever read */
    enum firmware firmware;
    int64_t memory; /* bytes */
    int vcpus;
    const char *payload;     /* ISO 9660 file for the CD drive; NULL: an empty drive */
    const char *warm;        /* directory that save() filled; NULL: boot cold */
    const struct stop *stop; /* every wait of this clone and its guest looks at it; may be NULL */
};

enum clone_state { CLONE_RUNNING, CLONE_OFF, CLONE_PANICKED };

struct clone_ops {
    enum clone_state (*state)(struct clone *c);
    /* The serial console so far, its last `max` bytes; the caller frees. */
    char *(*console)(struct clone *c, size_t max, size_t *ret_len);
    /* A line to the serial console: a descriptor that the caller reads, writes and closes.  One at
     * a time.  Who has it must read: a guest waits for a console that takes nothing. */
    int (*console_open)(struct clone *c, struct err **err);
    /* The screen as PNG or PPM: *ret_data is the caller's. */
    int (*screenshot)(struct clone *c, char **ret_data, size_t *ret_len, struct err **err);
    int64_t (*disk_added)(struct clone *c); /* bytes the overlay takes, -1 = unknown */
    /*
     * Makes a warm image of a clone without payload, in the existing and empty directory `dir`,
     * which must keep its path.  The guest sheds what memory it can spare, then its memory and disk
     * are sealed.  The clone is over afterwards, also on error: nothing but destroy() may follow.
     */
    int (*save)(struct clone *c, const char *dir, struct err **err);
    void (*destroy)(struct clone *c); /* always succeeds; bounded in time; frees */
};

struct clone {
    const struct clone_ops *ops;
    struct guest *guest; /* lives as long as the clone */
    const char *how;     /* "cold boot", "warm restore", "standby" */
    const char
        *why_cold; /* one line: why spec->warm was not used; NULL when it was, or not given */
};

/* A warm image, from the record that save() left in its directory. */
struct warm_facts {
    char *host, *cpu; /* where it was made */
    char *versions;   /* as in lab_facts */
    char *accel;
    char *machine; /* "pc-q35-7.2" */
    enum firmware firmware;
    int64_t memory; /* bytes */
    int vcpus;
    char *disk;                     /* the sealed image below it */
    int64_t memory_size, disk_size; /* bytes that the warm image takes */
    int64_t made_ms;                /* wall clock */
    char *unusable;                 /* one line: why it is of no use here; NULL: it is */
};

struct lab_ops {
    int (*clone)(struct lab *lab, const struct clone_spec *spec, struct clone **ret,
                 struct err **err);
    /* The record of `spec->warm`, and whether such a clone could use it.  ERR_NOT_FOUND: no warm
     * image is there; ERR_CORRUPT: the record is damaged. */
    int (*warm_facts)(struct lab *lab, const struct clone_spec *spec, struct warm_facts *ret,
                      struct err **err);
    /*
     * Makes standbys of the warm image in `spec` until there are `count`, and returns how many
     * there are; label and payload are for clone() to say.  Costs little when they are there
     * already, so call it again and again while there is nothing to do.
     *
     * They stand in nobody's way: fewer than `count`, or none, when memory is short, when a clone
     * of any process waits for memory, or when no warm image is there.  Those of another image, or
     * of a warm image that was made anew, are destroyed, here and by each clone().  `spec` NULL,
     * or `count` 0: all are.
     *
     * -1: one could not be made (those that are there stay), or the stop was raised.
     */
    int (*standby)(struct lab *lab, const struct clone_spec *spec, int count, struct err **err);
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

void warm_facts_release(struct warm_facts *f);
#define AUTO_WARM_FACTS __attribute__((cleanup(warm_facts_release))) struct warm_facts

static inline void clone_destroyp(struct clone **c)
{
    if (*c)
        (*c)->ops->destroy(*c);
}
#define AUTO_CLONE __attribute__((cleanup(clone_destroyp))) struct clone *

#endif
