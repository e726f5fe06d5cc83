/* text - small pieces that several commands print the same way; the caller frees. */
#ifndef FRONT_TEXT_H
#define FRONT_TEXT_H

#include <stdint.h>

#include "base/json.h"

char *text_time(int64_t wall_ms);                  /* "2026-11-24 02:03:04Z", "-" for 0 */
char *text_digest(const char *hex);                /* its first 12 digits */
char *text_at(const json_t *obj, const char *key); /* a string member made printable, or "-" */
char *text_strings(const json_t *list, const char *sep, const char *if_none);

#endif
