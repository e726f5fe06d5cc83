/* qemu_img_info - what `qemu-img info --output=json` says of an image, read strictly. */
#ifndef VALIDATOR_ADAPTERS_QEMU_IMG_INFO_H
#define VALIDATOR_ADAPTERS_QEMU_IMG_INFO_H

#include <stddef.h>

#include "ports/disk.h"

#define QEMU_IMG_INFO_MAX (1u << 20) /* bytes; snapshots make it long */

/* ERR_INVALID for an image that refers to another file, is encrypted or too large. */
int qemu_img_info_parse(const char *text, size_t len, struct disk_info *ret, struct err **err);

#endif
