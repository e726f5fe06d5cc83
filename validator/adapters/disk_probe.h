/*
 * disk_probe - what a disk image is by its own bytes, before qemu-img may touch it.
 *
 * Refused are images that refer to other files (backing file, external data file, extents,
 * descriptors), encrypted ones, and formats we do not take.
 */
#ifndef VALIDATOR_ADAPTERS_DISK_PROBE_H
#define VALIDATOR_ADAPTERS_DISK_PROBE_H

struct err;

/* `wanted` NULL: found out.  *ret is "qcow2", "raw" or "vmdk", a constant. */
int disk_probe(const char *path, const char *wanted, const char **ret, struct err **err);

#endif
