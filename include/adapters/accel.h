/*
 * accel - is KVM more than a device file here?
 *
 * /dev/kvm may exist, open and answer, and a guest still hang on it.  So KVM is chosen only when
 * the CPU has vmx or svm, the QEMU user may open /dev/kvm, and a small boot sector that switches to
 * protected mode has really run under KVM within ACCEL_PROBE_MS.  Otherwise TCG, with the reason.
 */
#ifndef ADAPTERS_ACCEL_H
#define ADAPTERS_ACCEL_H

#include <stdbool.h>

struct err;
struct stop;

#define ACCEL_PROBE_MS 10000

struct accel {
    bool kvm;
    char *reason; /* "boot sector ran under KVM in 0.4 s"; "the CPU offers neither vmx nor svm" */
};

/* Never fails but for a stop: what cannot be proved is TCG. */
int accel_detect(const struct stop *stop, struct accel *ret, struct err **err);
void accel_release(struct accel *a);
#define AUTO_ACCEL __attribute__((cleanup(accel_release))) struct accel

/* The same probe under a given accelerator ("kvm", "tcg"); 0 when the boot sector ran. */
int accel_probe(const char *accel, const struct stop *stop, struct err **err);

#endif
