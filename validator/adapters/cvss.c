/* cvss - see cvss.h; the formulas are those of the specification, section 7. */
#include "adapters/cvss.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { AV, AC, PR, UI, SCOPE, C, I, A, METRICS };

static const struct metric {
    const char *key;
    const char *values; /* a letter each */
    double weights[4];
} metrics[METRICS] = {
    [AV] = { "AV", "NALP", { 0.85, 0.62, 0.55, 0.2 } },
    [AC] = { "AC", "LH", { 0.77, 0.44 } },
    [PR] = { "PR", "NLH", { 0.85, 0.62, 0.27 } },
    [UI] = { "UI", "NR", { 0.85, 0.62 } },
    [SCOPE] = { "S", "UC", { 0, 1 } },
    [C] = { "C", "HLN", { 0.56, 0.22, 0 } },
    [I] = { "I", "HLN", { 0.56, 0.22, 0 } },
    [A] = { "A", "HLN", { 0.56, 0.22, 0 } },
};
static const double privileges_changed[] = { 0.85, 0.68, 0.5 }; /* PR when the scope changes */

/* "AV:N" into its value; others (temporal, environmental) are left out.  False: twice, or no such
 * value. */
static bool take(const char *part, size_t len, int values[METRICS])
{
    for (int m = 0; m < METRICS; m++) {
        size_t key = strlen(metrics[m].key);
        if (len <= key || strncmp(part, metrics[m].key, key) != 0 || part[key] != ':')
            continue;
        const char *at = len == key + 2 ? strchr(metrics[m].values, part[key + 1]) : NULL;
        if (!at || values[m] >= 0)
            return false;
        values[m] = (int)(at - metrics[m].values);
        return true;
    }
    return true;
}

static bool parse(const char *vector, int values[METRICS])
{
    if (!vector || (!str_starts(vector, "CVSS:3.0/") && !str_starts(vector, "CVSS:3.1/")))
        return false;
    for (int m = 0; m < METRICS; m++)
        values[m] = -1;
    for (const char *part = vector + strlen("CVSS:3.x"); *part == '/';) {
        size_t len = strcspn(++part, "/");
        if (!take(part, len, values))
            return false;
        part += len;
    }
    for (int m = 0; m < METRICS; m++) {
        if (values[m] < 0)
            return false;
    }
    return true;
}

/* Up to the next tenth, as the specification does it without errors of the representation. */
static int round_up(double score)
{
    long n = (long)(score * 100000 + 0.5);

    return (int)(n % 10000 == 0 ? n / 10000 : n / 10000 + 1);
}

static double power(double base, int n)
{
    double p = 1;

    while (n-- > 0)
        p *= base;
    return p;
}

int cvss_base_score(const char *vector)
{
    int v[METRICS];
    double w[METRICS];

    if (!parse(vector, v))
        return -1;
    for (int m = 0; m < METRICS; m++)
        w[m] = metrics[m].weights[v[m]];
    bool changed = w[SCOPE] > 0;
    if (changed)
        w[PR] = privileges_changed[v[PR]];
    double base = 1 - (1 - w[C]) * (1 - w[I]) * (1 - w[A]);
    double impact = changed ? 7.52 * (base - 0.029) - 3.25 * power(base - 0.02, 15) : 6.42 * base;
    double score = impact + 8.22 * w[AV] * w[AC] * w[PR] * w[UI];
    if (impact <= 0)
        return 0;
    score *= changed ? 1.08 : 1;
    return round_up(score < 10 ? score : 10);
}

enum severity cvss_severity(const char *vector)
{
    int score = cvss_base_score(vector);

    return score < 0    ? SEVERITY_UNKNOWN
           : score == 0 ? SEVERITY_UNIMPORTANT
           : score < 40 ? SEVERITY_LOW
           : score < 70 ? SEVERITY_MEDIUM
           : score < 90 ? SEVERITY_HIGH
                        : SEVERITY_CRITICAL;
}
