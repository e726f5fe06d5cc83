/*
 * json - what everything here needs around jansson: cleanup, canonical text, strict parsing.
 *
 * Building uses jansson's own functions (json_pack and friends) on values that are known to be
 * valid UTF-8; text of hostile origin goes through str_to_utf8() first (json_text()).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stddef.h>

struct err;
struct strv;

#define AUTO_JSON json_auto_t

/* Canonical: keys sorted, no blanks; the form that is hashed and stored.  The caller frees. */
char *json_canonical(const json_t *j);
char *json_pretty(const json_t *j); /* indented by 2, keys in insertion order, newline at the end */

/* Strict: one value, no duplicate keys, at most `max` bytes; ERR_INVALID with line and column. */
json_t *json_parse(const char *text, size_t len, size_t max, const char *name, struct err **err);

json_t *json_text(const char *s); /* new string from any bytes; NULL gives JSON null */
json_t *json_text_n(const char *s, size_t len);
json_t *json_strv(const struct strv *v);

/* Members of an object read back from our own store; NULL, 0 when absent or of another type. */
const char *json_str_at(const json_t *obj, const char *key);
json_int_t json_int_at(const json_t *obj, const char *key);

#endif
