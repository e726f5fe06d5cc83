/* Advisories in a format of our own, for vendors without any: docs/formats.md, 'feeds'. */
#include "adapters/feeds.h"

#include "adapters/feed_text.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { FILE_MAX = 64 << 20 };

static int names_of(const json_t *j, const char *where, enum feed_names *ret, struct err **err)
{
    static const char *const words[] = {
        [FEED_NAMES_SOURCE] = "source",
        [FEED_NAMES_BINARY] = "binary",
        [FEED_NAMES_EITHER] = "either",
    };
    const char *text;

    if (feed_text_at(j, "names", false, where, &text, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_eq(text ? text : "either", words[i])) {
            *ret = (enum feed_names)i;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "%s: 'names' is 'source', 'binary' or 'either'", where);
}

static int take_advisory(const struct feed_input *in, const struct feed_sink *sink, const json_t *j,
                         const char *where, struct feed_affected *a, struct err **err)
{
    const char *introduced, *fixed, *last, *severity;
    AUTO_FEED_RANGE range = { 0 };
    AUTO_STRV cves = { 0 }, versions = { 0 };

    if (feed_text_at(j, "package", true, where, &a->package, err) < 0
        || feed_text_at(j, "release", !in->release, where, &a->ecosystem, err) < 0
        || feed_text_at(j, "severity", false, where, &severity, err) < 0
        || feed_text_at(j, "introduced", false, where, &introduced, err) < 0
        || feed_text_at(j, "fixed", false, where, &fixed, err) < 0
        || feed_text_at(j, "last_affected", false, where, &last, err) < 0
        || feed_texts_at(j, "cves", NULL, where, &cves, err) < 0
        || feed_texts_at(j, "versions", NULL, where, &versions, err) < 0
        || names_of(j, where, &a->names, err) < 0)
        return -1;
    if (fixed && last)
        return err_set(err, ERR_INVALID, "%s: 'fixed' and 'last_affected' exclude each other",
                       where);
    /* A list of versions alone says that there is no range. */
    if (introduced || fixed || last || versions.len == 0)
        feed_range_add(&range, FEED_INTRODUCED, introduced ? introduced : "0");
    if (fixed || last)
        feed_range_add(&range, fixed ? FEED_FIXED : FEED_LAST_AFFECTED, fixed ? fixed : last);
    if (!a->ecosystem)
        a->ecosystem = in->release;
    a->cves = &cves;
    a->severity = feed_severity(severity);
    a->ranges = &range;
    a->range_count = 1;
    a->versions = &versions;
    return sink->affected(sink->arg, a, err);
}

static int read_json(const struct feed_input *in, const struct feed_sink *sink, struct err **err)
{
    const char *file = path_base(in->path), *date;
    const json_t *entry;
    size_t len = 0, i;
    AUTO_FREE char *text = file_read(in->path, FILE_MAX, &len, err);
    AUTO_JSON *json = text ? json_parse(text, len, FILE_MAX, file, err) : NULL;

    if (!json || feed_text_at(json, "date", false, file, &date, err) < 0)
        return -1;
    const json_t *list = json_object_get(json, "advisories");
    if (!json_is_array(list))
        return err_set(err, ERR_INVALID, "%s: a list 'advisories' expected", file);
    if (date)
        sink->dated(sink->arg, date);
    json_array_foreach((json_t *)list, i, entry)
    {
        struct feed_affected a = { 0 };
        if (feed_text_at(entry, "id", true, file, &a.advisory, err) < 0)
            return -1;
        AUTO_FREE char *where = xasprintf("%s: advisory '%s'", file, a.advisory);
        if (take_advisory(in, sink, entry, where, &a, err) < 0)
            return -1;
    }
    return 0;
}

const struct feed_format feed_json = {
    .kind = "json",
    .help = "advisories in patchlab's own JSON",
    .read = read_json,
};
