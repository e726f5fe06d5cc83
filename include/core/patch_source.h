/*
 * patch_source - APT repositories that patches come from.
 *
 *     patch_source_add     what it is: address, suite, components, architecture, whose signature
 *     patch_source_poll    what it has now, believed only after every check; all or nothing
 *     patch_source_news    what of that the images lack
 *     patch_fetch          one patch of it, with what it depends on (patch_fetch.h)
 *
 * The keys are taken in with the source and kept as a blob, so that a keyring that changes on this
 * machine later does not change who is trusted.  What was downloaded lies in DIR/sources/NAME,
 * each index under the digest that the signed release gives it.
 */
#ifndef CORE_PATCH_SOURCE_H
#define CORE_PATCH_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"

struct err;
struct site;

#define PATCH_SOURCE_FUTURE_MS 10000

struct patch_source_spec {
    char *name, *uri, *suite, *arch;
    struct strv components;
    struct strv fingerprints; /* of primary keys; empty: every key of the keyring */
    int64_t future_ms;        /* how far ahead of our clock a release may be dated */
    bool ignore_valid_until;
};
void patch_source_spec_release(struct patch_source_spec *s);
#define AUTO_PATCH_SOURCE_SPEC \
    __attribute__((cleanup(patch_source_spec_release))) struct patch_source_spec

struct patch_source {
    int64_t id, created, polled; /* polled 0: never */
    struct patch_source_spec spec;
    char keyring[DIGEST_HEX_SIZE];
    json_t *release; /* docs/formats.md, 'patch source record'; NULL: never polled */
};
void patch_source_release(struct patch_source *s);
#define AUTO_PATCH_SOURCE __attribute__((cleanup(patch_source_release))) struct patch_source

/* ERR_CONFLICT when there is one of this name.  `keyring` is a file. */
int patch_source_add(const struct site *site, const struct patch_source_spec *spec,
                     const char *keyring, struct err **err);
int patch_source_find(const struct site *site, const char *name, struct patch_source *ret,
                      struct err **err);
json_t *patch_source_list(const struct site *site, struct err **err); /* sorted by name */
json_t *patch_source_json(const struct patch_source *s);
/* With all that was downloaded for it; ERR_CONFLICT while it is polled. */
int patch_source_remove(const struct site *site, const struct patch_source *s, struct err **err);

struct patch_source_progress {
    void (*step)(void *arg, const char *what, double fraction); /* fraction < 0: unknown */
    void *arg;
};

/*
 * Downloads the release and, when it is another one, its indexes.  ERR_DENIED when the release
 * must not be believed (signature, suite, dates), ERR_INVALID when something is not what the
 * release says, and the errors of http.h.  After any error the source knows what it knew before.
 * *ret_changed is false when there was nothing new.
 */
int patch_source_poll(const struct site *site, const char *name,
                      const struct patch_source_progress *progress, bool *ret_changed,
                      struct err **err);

/*
 * What the newest image of each name lacks, sorted by image, and what servers lack that told their
 * packages themselves (image and digest are null):
 *     [{"image", "digest", "servers": [names], "exposure": the widest of them or null,
 *       "packages": [{"name", "from", "to", "source"}] or null, "why"}]
 * packages null: it is not known what the image has; `why` says so.
 */
json_t *patch_source_news(const struct site *site, const struct patch_source *s, struct err **err);

#endif
