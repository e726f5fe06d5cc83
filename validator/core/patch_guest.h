/* patch_guest - a patch on its way into a guest, the same for a lane and for a person's shell. */
#ifndef VALIDATOR_CORE_PATCH_GUEST_H
#define VALIDATOR_CORE_PATCH_GUEST_H

#include <stdint.h>

struct err;
struct guest;
struct guest_result;
struct patch;
struct site;

/* Applies what lies on the disc that is mounted at `payload`.  How it ended is in the result.
 * ERR_INVALID: nobody here can apply this kind. */
int patch_apply(const struct site *site, struct guest *g, const char *payload,
                const struct patch *patch, struct guest_result *ret, struct err **err);

/* Takes it out again.  ERR_NOT_FOUND: this patch, or its kind, cannot be undone; the message says
 * why. */
int patch_undo(const struct site *site, struct guest *g, const char *payload,
               const struct patch *patch, struct guest_result *ret, struct err **err);

/* NULL when all went well, else half a sentence; the caller frees. */
char *patch_problem(const struct patch *patch, const struct guest_result *r);

#endif
