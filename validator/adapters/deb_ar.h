/*
 * deb_ar - where the parts of a .deb lie: an ar archive of "debian-binary", "control.tar*" and
 * "data.tar*", in this order (deb(5)).
 *
 * Read by hand: the parts are stored as they are, so a part is just a range of the file, and a
 * file that ends early shows.
 */
#ifndef VALIDATOR_ADAPTERS_DEB_AR_H
#define VALIDATOR_ADAPTERS_DEB_AR_H

#include <stdint.h>

struct err;

struct deb_part {
    char name[17];
    int64_t begin, size;
};

/* Finds control.tar*; all parts up to the end of the file are checked. */
int deb_ar_control(int fd, int64_t size, struct deb_part *ret, struct err **err);
/* The same for data.tar*. */
int deb_ar_data(int fd, int64_t size, struct deb_part *ret, struct err **err);

#endif
