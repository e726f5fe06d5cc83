/*
 * json_walk - the members of a large JSON object or array one by one, without building it.
 *
 * Finds where each value begins and ends, and no more: what a value says is checked when it is
 * parsed (json_parse) or walked in its turn.  Duplicate keys are not looked for.
 */
#ifndef BASE_JSON_WALK_H
#define BASE_JSON_WALK_H

#include <stddef.h>

struct err;

/* `key` is NULL for the items of an array.  `value` is a part of the text that was given. */
typedef int json_walk_each(void *arg, const char *key, const char *value, size_t len,
                           struct err **err);

/* Stops at the first -1.  `name` stands in messages: "NAME: byte 17: ...", ERR_INVALID. */
int json_walk(const char *text, size_t len, const char *name, json_walk_each *each, void *arg,
              struct err **err);

/* The first character that is not blank: '{', '[', ...; '\0' when there is none. */
char json_first(const char *text, size_t len);

#endif
