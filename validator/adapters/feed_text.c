/* feed_text - strict texts of feeds, and the words that feeds use; see feed_text.h. */
#include "adapters/feed_text.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"

bool feed_text_is_valid(const char *s)
{
    size_t len = strnlen(s, FEED_TEXT_MAX + 1);

    if (len == 0 || len > FEED_TEXT_MAX)
        return false;
    AUTO_FREE char *shown = str_printable(s, len, false);
    return str_eq(s, shown);
}

static int refuse(const char *where, const char *key, struct err **err)
{
    return err_set(err, ERR_INVALID, "%s: '%s' is not one line of 1 to %d characters", where, key,
                   FEED_TEXT_MAX);
}

int feed_text_at(const json_t *obj, const char *key, bool required, const char *where,
                 const char **ret, struct err **err)
{
    const json_t *j = json_object_get(obj, key);
    const char *text = json_string_value(j);

    if (!required && (!j || json_is_null(j))) {
        *ret = NULL;
        return 0;
    }
    if (!j)
        return err_set(err, ERR_INVALID, "%s: '%s' is missing", where, key);
    if (!text || !feed_text_is_valid(text))
        return refuse(where, key, err);
    *ret = text;
    return 0;
}

int feed_texts_at(const json_t *obj, const char *key, const char *prefix, const char *where,
                  struct strv *ret, struct err **err)
{
    const json_t *list = json_object_get(obj, key), *item;
    size_t i;

    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list))
        return err_set(err, ERR_INVALID, "%s: '%s' is not a list", where, key);
    json_array_foreach((json_t *)list, i, item)
    {
        const char *text = json_string_value(item);
        if (!text || !feed_text_is_valid(text))
            return refuse(where, key, err);
        if (!prefix || str_starts(text, prefix))
            strv_add(ret, text);
    }
    return 0;
}

enum severity feed_severity(const char *text)
{
    static const struct {
        const char *word;
        enum severity severity;
    } words[] = {
        { "critical", SEVERITY_CRITICAL },      { "high", SEVERITY_HIGH },
        { "important", SEVERITY_HIGH },         { "medium", SEVERITY_MEDIUM },
        { "moderate", SEVERITY_MEDIUM },        { "low", SEVERITY_LOW },
        { "negligible", SEVERITY_UNIMPORTANT }, { "unimportant", SEVERITY_UNIMPORTANT },
    };

    for (size_t i = 0; text && i < ARRAY_LEN(words); i++) {
        if (strcasecmp(text, words[i].word) == 0)
            return words[i].severity;
    }
    return SEVERITY_UNKNOWN;
}

/* A new release is a new row. */
static const struct {
    const char *codename, *release;
} debian[] = {
    { "jessie", "Debian:8" },    { "stretch", "Debian:9" },   { "buster", "Debian:10" },
    { "bullseye", "Debian:11" }, { "bookworm", "Debian:12" }, { "trixie", "Debian:13" },
    { "forky", "Debian:14" },    { "duke", "Debian:15" },     { "sid", "Debian:sid" },
};

const char *feed_debian_release(const char *codename)
{
    for (size_t i = 0; i < ARRAY_LEN(debian); i++) {
        if (str_eq(debian[i].codename, codename))
            return debian[i].release;
    }
    return NULL;
}

const char *feed_debian_codename(const char *release)
{
    for (size_t i = 0; i < ARRAY_LEN(debian); i++) {
        if (str_eq(debian[i].release, release))
            return debian[i].codename;
    }
    return NULL;
}
