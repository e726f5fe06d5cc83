/*
 * image_packages - what is installed in an image.
 *
 * Only a running clone can tell: it is recorded when the image is made warm, else it is what the
 * newest run of the image has recorded of its untouched lane (evidence "lane.packages" of the
 * baseline).  A sealed image never changes, so neither does its list.
 */
#ifndef CORE_IMAGE_PACKAGES_H
#define CORE_IMAGE_PACKAGES_H

#include <stddef.h>
#include <stdint.h>

#include "ports/pkgmgr.h"

struct err;
struct image;
struct site;

/* ERR_NOT_FOUND when nobody has listed them.  `ret_run` may be NULL: a run, 0: it was none. */
int image_packages(const struct site *site, const struct image *i, struct package_list *ret,
                   int64_t *ret_run, struct err **err);

/* Keeps the list of a clone that nobody has touched. */
int image_packages_record(const struct site *site, const struct image *i,
                          const struct package_list *l, struct err **err);

/* "NAME TAB VERSION [TAB SOURCE TAB SOURCE-VERSION]" lines, as `dpkg-query -W` prints them; `name`
 * stands in messages. */
int image_packages_parse(const char *text, size_t len, const char *name, struct package_list *ret,
                         struct err **err);

#endif
