/* unit - reading and writing numbers with units; see base/unit.h. */
#include "base/unit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit sizes[] = {
    { "B", 1 },
    { "KiB", INT64_C(1) << 10 },
    { "MiB", INT64_C(1) << 20 },
    { "GiB", INT64_C(1) << 30 },
    { "TiB", INT64_C(1) << 40 },
    { NULL, 0 },
};

static const struct unit durations[] = {
    { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 },
};

/* The digits at the start of `text`; false when there are none or the number overflows. */
static bool take_number(const char *text, int64_t *ret, const char **ret_rest)
{
    int64_t n = 0;
    const char *p = text;

    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
            return false;
    *ret = n;
    *ret_rest = p;
    return p > text;
}

/* What is shown of an argument that was wrong: it may be long or hostile. */
static char *shown(const char *text)
{
    AUTO_FREE char *cut = xstrndup(text, 64);

    return str_printable(cut, strlen(cut), false);
}

int unit_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret, struct err **err)
{
    AUTO_FREE char *seen = shown(text);
    int64_t n = 0;
    const char *rest = text;

    if (!take_number(text, &n, &rest) || *rest)
        return err_set(err, ERR_INVALID, "'%s' is not a whole number", seen);
    if (n < min || n > max)
        return err_set(err, ERR_INVALID, "%s is not between %" PRId64 " and %" PRId64, seen, min,
                       max);
    *ret = n;
    return 0;
}

static const struct unit *find(const struct unit *units, const char *name)
{
    for (const struct unit *u = units; u->name; u++)
        if (strcmp(u->name, name) == 0)
            return u;
    return NULL;
}

/* `bare`: the factor of a number without a unit. */
static bool parse(const char *text, const struct unit *units, int64_t bare, int64_t *ret)
{
    int64_t n;
    const char *rest;

    if (!take_number(text, &n, &rest))
        return false;
    const struct unit *u = find(units, rest);
    if (!u && *rest)
        return false;
    int64_t product;
    if (__builtin_mul_overflow(n, u ? u->factor : bare, &product))
        return false;
    *ret = product;
    return true;
}

int unit_parse_size(const char *text, int64_t *ret_bytes, struct err **err)
{
    AUTO_FREE char *seen = shown(text);

    if (!parse(text, sizes, 1, ret_bytes))
        return err_set(err, ERR_INVALID, "'%s' is not a size such as 512MiB or 3GiB", seen);
    return 0;
}

int unit_parse_duration(const char *text, int64_t *ret_ms, struct err **err)
{
    AUTO_FREE char *seen = shown(text);

    if (!parse(text, durations, 1000, ret_ms))
        return err_set(err, ERR_INVALID, "'%s' is not a duration such as 90s, 5m or 2h", seen);
    return 0;
}

/* In tenths, with integers: "%.1f" would follow the locale. */
char *unit_size(int64_t bytes)
{
    const struct unit *u = sizes;

    if (bytes < 1024)
        return xasprintf("%" PRId64 " B", bytes);
    int64_t tenths = bytes;
    do {
        u++;
        tenths = bytes / u->factor * 10 + (bytes % u->factor * 10 + u->factor / 2) / u->factor;
    } while (tenths >= 10240 && u[1].name);
    return xasprintf("%" PRId64 ".%d %s", tenths / 10, (int)(tenths % 10), u->name);
}

char *unit_duration(int64_t ms)
{
    int64_t tenths = ms / 100 + (ms % 100 >= 50);
    int64_t seconds = ms / 1000 + (ms % 1000 >= 500);

    if (ms < 0)
        return xstrdup("0.0 s");
    if (tenths < 600)
        return xasprintf("%d.%d s", (int)tenths / 10, (int)tenths % 10);
    if (seconds < 3600)
        return xasprintf("%d min %02d s", (int)seconds / 60, (int)seconds % 60);
    return xasprintf("%" PRId64 " h %02d min", seconds / 3600, (int)(seconds % 3600 / 60));
}
