/* Small pieces of text; see text.h. */
#include "front/text.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

char *text_time(int64_t wall_ms)
{
    char buf[CLOCK_TEXT_SIZE];

    if (wall_ms <= 0)
        return xstrdup("-");
    clock_text(wall_ms, buf);
    return xasprintf("%.10s %.8sZ", buf, buf + 11);
}

char *text_digest(const char *hex)
{
    return hex && *hex ? xasprintf("%.12s", hex) : xstrdup("-");
}

char *text_at(const json_t *obj, const char *key)
{
    const char *s = json_str_at(obj, key);

    return s ? str_printable(s, strlen(s), false) : xstrdup("-");
}

char *text_strings(const json_t *list, const char *sep, const char *if_none)
{
    AUTO_STRV v = { 0 };
    size_t i;
    json_t *s;

    json_array_foreach((json_t *)list, i, s)
    {
        if (json_is_string(s))
            strv_add(&v, json_string_value(s));
    }
    if (v.len == 0)
        return xstrdup(if_none);
    AUTO_FREE char *joined = strv_join(&v, sep);
    return str_printable(joined, strlen(joined), false);
}
