/*
 * The data of debsecan, for one release: a zlib stream of lines in three sections, with an empty
 * line between them.
 *
 *     VERSION 1
 *     name,flags,description                                    vulnerabilities, counted from 0
 *     package,number,flags,unstable version,other versions      who has which
 *     source,binary binary ...
 *
 * The flags of the second section: 'B' a binary package is named; ' ', 'L', 'M', 'H' urgency;
 * '?', 'R', ' ' remote; 'F' a fix is there.  A package is affected when it is older than the
 * unstable version (or there is none) and not one of the other versions.
 */
#include "adapters/feeds.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/feed_text.h"
#include "adapters/inflate.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/unit.h"

enum { TEXT_MAX = 256 << 20, LINE_SHOWN = 60 };

struct reader {
    const struct feed_input *in;
    const struct feed_sink *sink;
    const char *file;
    char *next; /* the rest of the text; written to */
    int line;
    char **names; /* of the vulnerabilities; point into the text */
    size_t count;
};

static int fail(const struct reader *rd, const char *what, struct err **err)
{
    return err_set(err, ERR_INVALID, "%s:%d: %s expected", rd->file, rd->line, what);
}

/* The next line, cut off at its newline; NULL at the end. */
static char *take_line(struct reader *rd)
{
    char *line = rd->next, *nl = line ? strchr(line, '\n') : NULL;

    if (!line || !*line)
        return NULL;
    rd->line++;
    if (nl)
        *nl = '\0';
    rd->next = nl ? nl + 1 : NULL;
    return line;
}

/* Cuts off what is before the next comma; NULL when there is none. */
static char *take_field(char **rest)
{
    char *field = *rest, *comma = strchr(field, ',');

    if (!comma)
        return NULL;
    *comma = '\0';
    *rest = comma + 1;
    return field;
}

static int read_names(struct reader *rd, struct err **err)
{
    for (char *line = take_line(rd); line && *line; line = take_line(rd)) {
        char *rest = line, *name = take_field(&rest);

        if (!name || !feed_text_is_valid(name))
            return fail(rd, "'NAME,FLAGS,DESCRIPTION'", err);
        if ((rd->count & (rd->count - 1)) == 0)
            rd->names = xreallocarray(rd->names, rd->count ? rd->count * 2 : 1, sizeof(char *));
        rd->names[rd->count++] = name;
    }
    return 0;
}

static enum severity urgency_of(char flag)
{
    return flag == 'L'   ? SEVERITY_LOW
           : flag == 'M' ? SEVERITY_MEDIUM
           : flag == 'H' ? SEVERITY_HIGH
                         : SEVERITY_UNKNOWN;
}

static int split_versions(const struct reader *rd, char *text, struct strv *ret, struct err **err)
{
    char *save = NULL;

    for (char *v = strtok_r(text, " ", &save); v; v = strtok_r(NULL, " ", &save)) {
        if (!feed_text_is_valid(v))
            return fail(rd, "versions", err);
        strv_add(ret, v);
    }
    return 0;
}

static int take_package(const struct reader *rd, char *line, struct err **err)
{
    static const char wanted[] = "'PACKAGE,NUMBER,FLAGS,VERSION,VERSIONS'";
    char *rest = line;
    char *package = take_field(&rest), *number = package ? take_field(&rest) : NULL;
    char *flags = number ? take_field(&rest) : NULL, *unstable = flags ? take_field(&rest) : NULL;
    AUTO_FEED_RANGE range = { 0 };
    AUTO_STRV cves = { 0 }, spared = { 0 };
    AUTO_ERR ignored = NULL;
    int64_t at;

    if (!unstable || strlen(flags) != 4 || !feed_text_is_valid(package))
        return fail(rd, wanted, err);
    if (unit_parse_int(number, 0, (int64_t)rd->count - 1, &at, &ignored) < 0)
        return fail(rd, "the number of a vulnerability", err);
    if (*unstable && !feed_text_is_valid(unstable))
        return fail(rd, "a version", err);
    if (split_versions(rd, rest, &spared, err) < 0)
        return -1;
    feed_range_add(&range, FEED_INTRODUCED, "0");
    if (*unstable)
        feed_range_add(&range, FEED_FIXED, unstable);
    strv_add(&cves, rd->names[at]);
    struct feed_affected a = {
        .advisory = rd->names[at],
        .cves = &cves,
        .ecosystem = rd->in->release,
        .package = package,
        .names = flags[0] == 'B' ? FEED_NAMES_BINARY : FEED_NAMES_SOURCE,
        .severity = urgency_of(flags[1]),
        .ranges = &range,
        .range_count = 1,
        .spared = &spared,
    };
    return rd->sink->affected(rd->sink->arg, &a, err);
}

static int read_text(struct reader *rd, struct err **err)
{
    char *first = take_line(rd);

    if (!str_eq(first, "VERSION 1"))
        return fail(rd, "'VERSION 1'", err);
    if (read_names(rd, err) < 0)
        return -1;
    char *line = take_line(rd);
    for (; line && *line; line = take_line(rd)) {
        if (stop_check(rd->in->stop, err) < 0 || take_package(rd, line, err) < 0)
            return -1;
    }
    /* Which binary packages a source has is known from the guest itself, so it is not read. */
    return line ? 0 : fail(rd, "a third section", err);
}

static int read_debsecan(const struct feed_input *in, const struct feed_sink *sink,
                         struct err **err)
{
    struct reader rd = { .in = in, .sink = sink, .file = path_base(in->path) };
    size_t len = 0;
    AUTO_FREE char *text = inflate_read(in->path, TEXT_MAX, in->stop, &len, err);

    if (!text)
        return -1;
    if (strlen(text) != len)
        return err_set(err, ERR_INVALID, "%s: a NUL character is not allowed", rd.file);
    rd.next = text;
    int rc = read_text(&rd, err);
    free(rd.names);
    return rc;
}

const struct feed_format feed_debsecan = {
    .kind = "debsecan",
    .help = "the data of debsecan for one release (--release)",
    .needs_release = true,
    .keeps = true,
    .read = read_debsecan,
};
