/*
 * iso_dates - the same date everywhere on an ISO 9660 disc that was just written.
 *
 * libarchive stamps the root directory, the volume and a block about itself with the clock, its
 * version and the local time zone.  Without them the same files always give the same disc.
 */
#ifndef VALIDATOR_ADAPTERS_ISO_DATES_H
#define VALIDATOR_ADAPTERS_ISO_DATES_H

struct err;

/* `path` is the disc; ERR_CORRUPT when it is not one. */
int iso_dates_fix(const char *path, struct err **err);

#endif
