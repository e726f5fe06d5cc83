/* Dates of a Release file, and whether to believe it now; see release_file.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "core/release_file.h"

/* --- dates ---------------------------------------------------------------------------------- */

static bool take_number(const char **s, size_t min, size_t max, int *ret)
{
    size_t n = strspn(*s, "0123456789");
    int value = 0;

    if (n < min || n > max)
        return false;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + ((*s)[i] - '0');
    *s += n;
    *ret = value;
    return true;
}

static bool take_char(const char **s, char c)
{
    if (**s != c)
        return false;
    ++*s;
    return true;
}

static bool take_name(const char **s, const char *const *names, int count, int *ret)
{
    for (int i = 0; i < count; i++) {
        if (str_starts(*s, names[i])) {
            *s += strlen(names[i]);
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool take_day(const char **s, struct tm *tm)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

    return take_name(s, days, ARRAY_LEN(days), &tm->tm_wday) && take_char(s, ',')
           && take_char(s, ' ') && take_number(s, 1, 2, &tm->tm_mday) && take_char(s, ' ')
           && take_name(s, months, ARRAY_LEN(months), &tm->tm_mon) && take_char(s, ' ')
           && take_number(s, 4, 4, &tm->tm_year);
}

static bool take_time(const char **s, struct tm *tm)
{
    return take_number(s, 1, 2, &tm->tm_hour) && take_char(s, ':')
           && take_number(s, 2, 2, &tm->tm_min) && take_char(s, ':')
           && take_number(s, 2, 2, &tm->tm_sec);
}

int64_t release_date(const char *text)
{
    static const char *const zones[] = { "UTC", "GMT", "+0000", "Z" };
    struct tm tm = { 0 };
    int zone;

    if (!take_day(&text, &tm) || !take_char(&text, ' ') || !take_time(&text, &tm)
        || !take_char(&text, ' ') || !take_name(&text, zones, ARRAY_LEN(zones), &zone) || *text)
        return -1;
    /* timegm() would take the 31st of February for a day in March. */
    if (tm.tm_year < 1970 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59
        || tm.tm_sec > 60)
        return -1;
    tm.tm_year -= 1900;
    int day = tm.tm_mday;
    time_t t = timegm(&tm);
    if (tm.tm_sec < 60 && tm.tm_mday != day)
        return -1;
    return t < 0 ? -1 : (int64_t)t * 1000;
}

/* --- judging -------------------------------------------------------------------------------- */

static int wrong_suite(const struct release_file *r, const char *want, struct err **err)
{
    const char *found = r->codename ? r->codename : r->suite ? r->suite : "";
    AUTO_FREE char *shown = str_printable(found, strlen(found), false);

    err_set(err, ERR_DENIED, "it is the release of suite '%s', not of '%s'", shown, want);
    return err_hint(err, "a mirror that mixes suites up can hide updates: check '--suite'");
}

static int refuse_replay(const char *date, const char *seen, struct err **err)
{
    err_set(err, ERR_DENIED, "it is of %s, older than the one seen before (%s)", date, seen);
    return err_hint(err, "a mirror that lags behind or a replay: try later, or another mirror");
}

int release_judge(const struct release_file *r, const struct release_rule *rule, struct err **err)
{
    char date[CLOCK_TEXT_SIZE], other[CLOCK_TEXT_SIZE];

    clock_text(r->date, date);
    if (!str_eq(r->suite, rule->suite) && !str_eq(r->codename, rule->suite))
        return wrong_suite(r, rule->suite, err);
    if (r->date - rule->future_ms > rule->now) {
        err_set(err, ERR_DENIED, "it is of %s, which lies in the future (now: %s)", date,
                clock_text(rule->now, other));
        return err_hint(err, "check the clock of this machine");
    }
    if (r->date < rule->seen)
        return refuse_replay(date, clock_text(rule->seen, other), err);
    if (!rule->ignore_valid_until && r->valid_until && r->valid_until < rule->now) {
        err_set(err, ERR_DENIED, "it expired at %s (Valid-Until)",
                clock_text(r->valid_until, other));
        return err_hint(err, "the mirror is stale; one that is frozen on purpose needs a source "
                             "with '--ignore-valid-until'");
    }
    return 0;
}
