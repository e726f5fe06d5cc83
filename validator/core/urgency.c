/* The decision table of BOD 26-04; what it says is drawn in urgency.h. */
#include "core/urgency.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *const urgency_names[] = {
    [URGENCY_UPGRADE] = "upgrade",
    [URGENCY_60D] = "60 days",
    [URGENCY_14D] = "14 days",
    [URGENCY_3D] = "3 days",
    [URGENCY_3D_TRIAGE] = "3 days, triage first",
    NULL,
};

/* [exploited][exposed][automatable][total] */
static const enum urgency outcomes[2][2][2][2] = {
    { { { URGENCY_UPGRADE, URGENCY_UPGRADE }, { URGENCY_60D, URGENCY_60D } },
      { { URGENCY_60D, URGENCY_14D }, { URGENCY_14D, URGENCY_3D } } },
    { { { URGENCY_14D, URGENCY_14D }, { URGENCY_14D, URGENCY_3D_TRIAGE } },
      { { URGENCY_14D, URGENCY_3D_TRIAGE }, { URGENCY_3D, URGENCY_3D_TRIAGE } } },
};

static bool may_be(enum known k, int value)
{
    return k == NOT_KNOWN || (k == KNOWN_YES) == value;
}

enum urgency urgency_of(const struct urgency_facts *f)
{
    int exposed = f->exposed != KNOWN_NO;
    enum urgency worst = URGENCY_UPGRADE;

    if (!f->exploited && f->automatable == NOT_KNOWN && f->total == NOT_KNOWN)
        return URGENCY_60D;
    for (int a = 0; a < 2; a++) {
        for (int t = 0; t < 2; t++) {
            enum urgency u = outcomes[f->exploited][exposed][a][t];
            if (may_be(f->automatable, a) && may_be(f->total, t) && u > worst)
                worst = u;
        }
    }
    return worst;
}

int urgency_days(enum urgency u)
{
    static const int days[] = {
        [URGENCY_UPGRADE] = -1, [URGENCY_60D] = 60,      [URGENCY_14D] = 14,
        [URGENCY_3D] = 3,       [URGENCY_3D_TRIAGE] = 3,
    };

    return days[u];
}

bool urgency_deadline(const char *from, int days, char ret[URGENCY_DATE_SIZE])
{
    struct tm tm = { 0 };
    char text[URGENCY_DATE_SIZE];
    const char *end = strptime(from, "%Y-%m-%d", &tm);

    if (!end || (*end && *end != 'T' && *end != ' ') || tm.tm_year < 0 || tm.tm_year > 8000)
        return false;
    tm.tm_mday += days;
    time_t when = timegm(&tm);
    if (!gmtime_r(&when, &tm) || strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 0)
        return false;
    memcpy(ret, text, strlen(text) + 1);
    return true;
}
