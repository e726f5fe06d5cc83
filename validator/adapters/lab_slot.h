/*
 * lab_slot - a process's own corner of the lab directory, and the broom for corners whose owner
 * died.  The layout is drawn in adapters/libvirt_lab.h.
 */
#ifndef ADAPTERS_LAB_SLOT_H
#define ADAPTERS_LAB_SLOT_H

#include <stdbool.h>
#include <sys/types.h>

struct err;

struct lab_slot {
    int lock;   /* descriptor; -1: none */
    char *name; /* "0", "1", ... */
    char *dir;  /* DIR/<slot> */
    uid_t uid;  /* who QEMU runs as */
    gid_t gid;
    bool own; /* that is ourselves */
};

/* Sweeps every free slot below `lab_dir`, takes the first free one and prepares it.  *ret_swept
 * counts the VMs that were killed.  `cache`: an absolute path, for libvirt's capability cache. */
int lab_slot_take(const char *lab_dir, const char *cache, struct lab_slot *ret, int *ret_swept,
                  struct err **err);
void lab_slot_release(struct lab_slot *s);

/* Kills the QEMU processes of a slot whose lock the caller holds and removes its files;
 * returns how many, or -1. */
int lab_slot_sweep(const char *slot_dir, struct err **err);

/* Makes a directory or file belong to QEMU. */
int lab_slot_give(const struct lab_slot *s, const char *path, struct err **err);

#endif
