/*
 * image_disk - the folder DIR/images: sealed disks by digest, and how one gets in.
 *
 *     image_disks_open() -> work in a private directory of it -> image_disk_adopt()
 *
 * What is not adopted is gone when the work is closed; what a killed process left is swept by the
 * next one.
 */
#ifndef VALIDATOR_CORE_IMAGE_DISK_H
#define VALIDATOR_CORE_IMAGE_DISK_H

struct err;
struct site;

char *image_disks_dir(const struct site *site);
char *image_disk_path(const struct site *site, const char *digest);

/* Held while a disk and its row come or go together. */
int image_disks_lock(const struct site *site, struct err **err);

#endif
