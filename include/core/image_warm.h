/*
 * image_warm - an image with its memory: clones of it continue where it was saved, in a second.
 *
 * The image is booted once in the lab, waits for its `ready` command and until it is at rest, and
 * is saved to DIR/images/<digest>.warm.  A warm image is tied to this host, its QEMU and libvirt:
 * one that does not fit is not an error, clones of it boot cold and say why.
 *
 * At rest: no job of the init system waits, and the processors idle for two seconds in a row.  A
 * guest that is not within REST_MS is saved all the same, and `restless` is told.
 */
#ifndef CORE_IMAGE_WARM_H
#define CORE_IMAGE_WARM_H

#include "core/image.h"

struct lab;
struct warm_facts;

/*
 * Makes it anew, in place of the one that is there.  ERR_CONFLICT: another process is at it.  An
 * interruption or an error leaves the image without a warm one.
 */
int image_warm(const struct site *site, struct lab *lab, const struct image *i,
               const struct image_progress *progress, struct err **err);

/* ERR_NOT_FOUND: the image is cold. */
int image_warm_facts(struct lab *lab, const struct image *i, struct warm_facts *ret,
                     struct err **err);

/* {"made","host","cpu","versions","accel","machine","memory","vcpus","memory_size","disk_size",
 * "usable","why_not"}: docs/formats.md. */
json_t *image_warm_json(const struct warm_facts *f);

char *image_warm_path(const struct site *site, const char *digest); /* the caller frees */

#endif
