/* image_row - the row of an image: its record, and what may change in it; see image_disk.h. */
#ifndef VALIDATOR_CORE_IMAGE_ROW_H
#define VALIDATOR_CORE_IMAGE_ROW_H

#include "core/image_disk.h"

/* docs/formats.md, 'image record'.  Takes `origin`. */
json_t *image_record(const struct site *site, const struct image_spec *spec, json_t *origin,
                     const struct sealed_disk *disk);

int image_row_store(const struct site *site, const char *name, const char *digest,
                    const json_t *record, struct err **err);

#endif
