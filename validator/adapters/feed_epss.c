/*
 * The daily scores of EPSS, as CSV, compressed or not:
 *
 *     #model_version:v2025.03.14,score_date:2026-11-24T00:00:00+0000
 *     cve,epss,percentile
 *     CVE-1999-0001,0.01297,0.79
 */
#include "adapters/feeds.h"

#include <string.h>

#include "adapters/feed_text.h"
#include "adapters/inflate.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"

enum { TEXT_MAX = 256 << 20, SCALE = 100000 };

/* "0.01297" -> 1297; -1 when it is no number from 0 to 1.  Also "1e-05", as small ones come. */
static int parse_score(const char *s)
{
    int score = 0, unit = SCALE;

    if (*s != '0' && *s != '1')
        return -1;
    if (strstr(s, "e-"))
        return strspn(s, "0123456789.e-") == strlen(s) ? 0 : -1;
    score = (*s++ - '0') * unit;
    if (*s == '.')
        s++;
    for (; *s >= '0' && *s <= '9'; s++) {
        unit /= 10;
        score += (*s - '0') * unit;
    }
    return *s || score > SCALE ? -1 : score;
}

static int take_line(const struct feed_sink *sink, char *line, const char *file, int number,
                     struct err **err)
{
    char *score = strchr(line, ','), *end = score ? strchr(score + 1, ',') : NULL;
    struct feed_likelihood l = { .cve = line };

    if (!end || !str_starts(line, "CVE-"))
        return err_set(err, ERR_INVALID, "%s:%d: 'CVE,SCORE,PERCENTILE' expected", file, number);
    *score++ = '\0';
    *end = '\0';
    l.score = parse_score(score);
    if (!feed_text_is_valid(line) || l.score < 0)
        return err_set(err, ERR_INVALID, "%s:%d: a score from 0 to 1 expected", file, number);
    return sink->likelihood(sink->arg, &l, err);
}

static void take_head(const struct feed_sink *sink, const char *line)
{
    static const char key[] = "score_date:";
    const char *date = strstr(line, key);

    if (date && feed_text_is_valid(date + strlen(key)))
        sink->dated(sink->arg, date + strlen(key));
}

static int read_epss(const struct feed_input *in, const struct feed_sink *sink, struct err **err)
{
    const char *file = path_base(in->path);
    size_t len = 0;
    AUTO_FREE char *text = inflate_read(in->path, TEXT_MAX, in->stop, &len, err);
    char *save = NULL;
    bool has_head = false;
    int number = 0;

    if (!text)
        return -1;
    if (strlen(text) != len)
        return err_set(err, ERR_INVALID, "%s: a NUL character is not allowed", file);
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        number++;
        if (stop_check(in->stop, err) < 0)
            return -1;
        if (line[0] == '#')
            take_head(sink, line);
        else if (!has_head && str_starts(line, "cve,epss"))
            has_head = true;
        else if (!has_head)
            return err_set(err, ERR_INVALID, "%s:%d: 'cve,epss,percentile' expected", file, number);
        else if (take_line(sink, line, file, number, err) < 0)
            return -1;
    }
    return has_head ? 0 : err_set(err, ERR_INVALID, "%s: it is empty", file);
}

const struct feed_format feed_epss = {
    .kind = "epss",
    .help = "the daily scores of EPSS, as CSV (.gz)",
    .read = read_epss,
};
