/*
 * libvirt_lab - the lab (ports/lab.h) on libvirt.
 *
 * Default: the QEMU driver inside this process, `qemu:///embed?root=DIR/<slot>`; no daemon is
 * needed.  Each process takes one slot, locked by DIR/<slot>.lock, so that several run side by
 * side.  Any other URI ("qemu:///system", "qemu:///session") works the same way, with the
 * clones' files still below DIR/<slot>.
 *
 *     DIR/cache/              libvirt's capability cache, shared by the slots (config.cache: by
 *                             all state directories: filling it takes QEMU many seconds)
 *     DIR/permits/<n>         locked by a clone for as long as it lives (lab_permit.h)
 *     DIR/<slot>.lock         held by the process that owns the slot
 *     DIR/<slot>/etc/qemu.conf, run/, lib/, log/   the embedded driver's own
 *     DIR/<slot>/vm/<label>/  one clone: overlay.qcow2, console.log
 */
#ifndef ADAPTERS_LIBVIRT_LAB_H
#define ADAPTERS_LIBVIRT_LAB_H

#include "ports/lab.h"

struct lab_config {
    const char *dir;   /* the state's lab directory */
    const char *cache; /* for libvirt's capability cache, to be shared; NULL: DIR/cache */
    const char *uri;   /* NULL: embedded */
    const char *accel; /* "kvm", "tcg", or NULL: the better one that works, see accel_detect() */
    int clones;        /* at once, over all processes with this DIR; 0: twice the cores */
};

/*
 * Takes a slot, sweeps what killed processes left, connects.  Must run before the process has a
 * second thread: with TCG chosen it may hide /dev/kvm in a private mount namespace (kvm_hide.h).
 * One lab a process.
 */
struct lab *libvirt_lab_open(const struct lab_config *config, const struct stop *stop,
                             struct err **err);

/* The user QEMU runs as when this process is root: "libvirt-qemu". */
extern const char qemu_user_name[];

/* Slots whose owner is gone but whose files remain (for doctor); -1 on error. */
int lab_slots_stale(const char *dir, struct err **err);

#endif
