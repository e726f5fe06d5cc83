/* patch_places - where the files of a patch are put, in its record: docs/formats.md. */
#ifndef VALIDATOR_CORE_PATCH_PLACES_H
#define VALIDATOR_CORE_PATCH_PLACES_H

#include "base/json.h"
#include "ports/pkgmgr.h"

#define PATCH_PLACES_MAX 2000

json_t *patch_places_json(const struct patch_places *p);
/* Of a manifest whose digest is right, so that it is what patch_places_json() wrote. */
void patch_places_load(const json_t *list, struct patch_places *ret);

#endif
