/* feed_text - what the formats of vulnerability data share: strict texts, severities, releases. */
#ifndef VALIDATOR_ADAPTERS_FEED_TEXT_H
#define VALIDATOR_ADAPTERS_FEED_TEXT_H

#include <stdbool.h>

#include "base/json.h"
#include "ports/feed.h"

/* One line of 1 to FEED_TEXT_MAX bytes of UTF-8, without control characters. */
bool feed_text_is_valid(const char *s);

/* A text member of an object; NULL when it is absent (or null) and not `required`.  -1 and an
 * error for anything but such a text; `where` stands in it. */
int feed_text_at(const json_t *obj, const char *key, bool required, const char *where,
                 const char **ret, struct err **err);

/* The texts of a list member; those that do not begin with `prefix` (NULL: all) are left out. */
int feed_texts_at(const json_t *obj, const char *key, const char *prefix, const char *where,
                  struct strv *ret, struct err **err);

/* "high", "Important", "MODERATE", "unimportant"; unknown for any other text, and for NULL. */
enum severity feed_severity(const char *text);

/* "bookworm" -> "Debian:12"; NULL when it is not known. */
const char *feed_debian_release(const char *codename);

/* The codename of "Debian:12"; NULL when it is not known. */
const char *feed_debian_codename(const char *release);

#endif
