/* json - strict reading and canonical writing with jansson; see base/json.h. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* A value that we built ourselves can always be written, unless memory is out. */
static void *or_abort(void *p)
{
    if (!p) {
        fputs("patchlab: cannot build a JSON value\n", stderr);
        abort();
    }
    return p;
}

char *json_canonical(const json_t *j)
{
    return or_abort(json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY));
}

char *json_pretty(const json_t *j)
{
    AUTO_FREE char *text = or_abort(json_dumps(j, JSON_INDENT(2) | JSON_ENCODE_ANY));

    return xasprintf("%s\n", text);
}

json_t *json_parse(const char *text, size_t len, size_t max, const char *name, struct err **err)
{
    json_error_t e;

    if (len > max) {
        err_set(err, ERR_INVALID, "%s: larger than %zu bytes", name, max);
        return NULL;
    }
    json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!j) {
        /* The message quotes the text, which may be hostile. */
        AUTO_FREE char *why = str_printable(e.text, strlen(e.text), false);
        err_set(err, ERR_INVALID, "%s:%d:%d: not valid JSON: %s", name, e.line, e.column, why);
    }
    return j;
}

json_t *json_text(const char *s)
{
    return s ? json_text_n(s, strlen(s)) : json_null();
}

json_t *json_text_n(const char *s, size_t len)
{
    AUTO_FREE char *clean = str_to_utf8(s, len);

    return or_abort(json_string(clean));
}

json_t *json_strv(const struct strv *v)
{
    json_t *list = or_abort(json_array());

    for (size_t i = 0; i < v->len; i++)
        json_array_append_new(list, json_text(v->ptr[i]));
    return list;
}

const char *json_str_at(const json_t *obj, const char *key)
{
    return json_string_value(json_object_get(obj, key));
}

json_int_t json_int_at(const json_t *obj, const char *key)
{
    return json_integer_value(json_object_get(obj, key));
}
