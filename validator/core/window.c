/* Days and hours of a maintenance window; see window.h. */
#include "core/window.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { DAY_MINUTES = 24 * 60, TEXT_MAX = 64 };

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* Reads one of "mon" ... "sun". */
static bool read_day(const char **p, unsigned *set)
{
    for (unsigned i = 0; i < ARRAY_LEN(days); i++) {
        if (str_starts(*p, days[i])) {
            bool again = *set & (1u << i);
            *set |= 1u << i;
            *p += strlen(days[i]);
            return !again;
        }
    }
    return false;
}

static bool read_days(const char **p, struct window *w)
{
    if (str_starts(*p, "daily")) {
        w->days = (1u << ARRAY_LEN(days)) - 1;
        *p += strlen("daily");
        return true;
    }
    if (!read_day(p, &w->days))
        return false;
    while (**p == ',') {
        ++*p;
        if (!read_day(p, &w->days))
            return false;
    }
    if (**p != '#')
        return true;
    w->nth = (*p)[1] - '0';
    *p += 2;
    return w->nth >= 1 && w->nth <= 4;
}

static bool read_digits(const char **p, int *ret)
{
    if ((*p)[0] < '0' || (*p)[0] > '9' || (*p)[1] < '0' || (*p)[1] > '9')
        return false;
    *ret = ((*p)[0] - '0') * 10 + (*p)[1] - '0';
    *p += 2;
    return true;
}

static bool read_char(const char **p, char c)
{
    return *(*p)++ == c;
}

/* Stops at the first byte that does not fit, so it never reads behind the end. */
static bool read_time(const char **p, int *ret)
{
    int h, m;

    if (!read_digits(p, &h) || !read_char(p, ':') || !read_digits(p, &m))
        return false;
    *ret = h * 60 + m;
    return m < 60 && *ret <= DAY_MINUTES;
}

int window_parse(const char *text, struct window *ret, struct err **err)
{
    struct window w = { 0 };
    const char *p = text;

    if (read_days(&p, &w) && read_char(&p, ' ') && read_time(&p, &w.from) && read_char(&p, '-')
        && read_time(&p, &w.to) && *p == '\0' && w.from != w.to && w.from < DAY_MINUTES) {
        *ret = w;
        return 0;
    }
    AUTO_FREE char *shown = str_printable(text, strnlen(text, TEXT_MAX), false);
    err_set(err, ERR_INVALID, "'%s' is no maintenance window", shown);
    return err_hint(err, "such as 'sat,sun 22:00-04:00', 'daily 01:00-03:00', 'tue#2 18:00-24:00'");
}
