/* patch_spec_lists - the lists of maps in a patch.yaml, for the fields of patch_spec.c. */
#ifndef VALIDATOR_CORE_PATCH_SPEC_LISTS_H
#define VALIDATOR_CORE_PATCH_SPEC_LISTS_H

struct decoder;
struct err;
struct node;

/* `files`, into a struct bundle; `install`, into a struct patch_places.  Neither may be empty, and
 * both come out sorted by path. */
int patch_spec_files(const struct decoder *d, const struct node *n, const char *path, void *target,
                     struct err **err);
int patch_spec_install(const struct decoder *d, const struct node *n, const char *path,
                       void *target, struct err **err);

#endif
