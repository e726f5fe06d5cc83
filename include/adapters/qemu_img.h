/*
 * qemu_img - disk images (ports/disk.h) through the program qemu-img.
 *
 * An image is hostile: its header can name other files of this host, or of the network, and
 * qemu-img opens some of them just to tell what an image is.  So the header is read here first,
 * and qemu-img is given driver and file explicitly, without a backing file, under limits of
 * memory, time and output.
 */
#ifndef ADAPTERS_QEMU_IMG_H
#define ADAPTERS_QEMU_IMG_H

#include "ports/disk.h"

#define QEMU_IMG_VIRTUAL_MAX (16LL << 40) /* larger disks are refused */

extern const struct disk_ops qemu_img_disk_ops;

/* A qcow2 at `to` (must not exist; mode 0600) that holds what differs from `base`, which is an
 * absolute path of a sealed qcow2. */
int qemu_img_overlay(const char *base, const char *to, const struct stop *stop, struct err **err);

#endif
