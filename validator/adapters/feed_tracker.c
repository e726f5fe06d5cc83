/*
 * The JSON of Debian's security tracker: {SOURCE: {CVE: {"releases": {CODENAME: {...}}}}}.
 *
 * It is tens of megabytes, so only one CVE of one package is built at a time.  Of a release,
 * `resolved` with a version means fixed there, and with "0" that it was never affected; `open`
 * means affected in every version; `undetermined` says nothing.
 */
#include "adapters/feeds.h"

#include <string.h>

#include "adapters/feed_text.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json_walk.h"
#include "base/mem.h"
#include "base/stop.h"

enum { FILE_MAX = 1 << 30, ENTRY_MAX = 1 << 20 };

struct reader {
    const struct feed_input *in;
    const struct feed_sink *sink;
    const char *file;
    const char *package; /* whose CVEs are read */
    const char *cve;
};

static int take_release(const struct reader *rd, const char *codename, const json_t *release,
                        struct err **err)
{
    const char *ecosystem = feed_debian_release(codename);
    AUTO_FREE char *where = xasprintf("%s: '%s' of '%s'", rd->file, rd->cve, rd->package);
    AUTO_FEED_RANGE range = { 0 };
    AUTO_STRV cves = { 0 };
    const char *status, *fixed;

    if (!ecosystem)
        return 0;
    if (feed_text_at(release, "status", true, where, &status, err) < 0
        || feed_text_at(release, "fixed_version", false, where, &fixed, err) < 0)
        return -1;
    bool resolved = str_eq(status, "resolved");
    if (!resolved && !str_eq(status, "open"))
        return 0;
    if (resolved && (!fixed || str_eq(fixed, "0")))
        return 0;
    feed_range_add(&range, FEED_INTRODUCED, "0");
    if (resolved)
        feed_range_add(&range, FEED_FIXED, fixed);
    strv_add(&cves, rd->cve);
    struct feed_affected a = {
        .advisory = rd->cve,
        .cves = &cves,
        .ecosystem = ecosystem,
        .package = rd->package,
        .names = FEED_NAMES_SOURCE,
        .severity = feed_severity(json_str_at(release, "urgency")),
        .ranges = &range,
        .range_count = 1,
    };
    return rd->sink->affected(rd->sink->arg, &a, err);
}

static int each_cve(void *arg, const char *key, const char *value, size_t len, struct err **err)
{
    struct reader *rd = arg;
    const char *codename;
    json_t *release;

    if (!key || !feed_text_is_valid(key))
        return err_set(err, ERR_INVALID, "%s: an entry of '%s' has no proper name", rd->file,
                       rd->package);
    AUTO_JSON *entry = json_parse(value, len, ENTRY_MAX, rd->file, err);
    if (!entry)
        return err_wrap(err, "'%s' of '%s'", key, rd->package);
    rd->cve = key;
    json_object_foreach(json_object_get(entry, "releases"), codename, release)
    {
        if (take_release(rd, codename, release, err) < 0)
            return -1;
    }
    return 0;
}

static int each_package(void *arg, const char *key, const char *value, size_t len, struct err **err)
{
    struct reader *rd = arg;

    if (stop_check(rd->in->stop, err) < 0)
        return -1;
    if (!key || !feed_text_is_valid(key))
        return err_set(err, ERR_INVALID, "%s: a source package has no proper name", rd->file);
    rd->package = key;
    if (json_first(value, len) != '{')
        return err_set(err, ERR_INVALID, "%s: source package '%s' is not an object", rd->file, key);
    return json_walk(value, len, rd->file, each_cve, rd, err);
}

static int read_tracker(const struct feed_input *in, const struct feed_sink *sink, struct err **err)
{
    struct reader rd = { .in = in, .sink = sink, .file = path_base(in->path) };
    size_t len = 0;
    AUTO_FREE char *text = file_read(in->path, FILE_MAX, &len, err);

    if (!text)
        return -1;
    if (json_first(text, len) != '{')
        return err_set(err, ERR_INVALID, "%s: an object of source packages expected", rd.file);
    return json_walk(text, len, rd.file, each_package, &rd, err);
}

const struct feed_format feed_tracker = {
    .kind = "debian-tracker",
    .help = "the JSON of Debian's security tracker (tracker/data/json)",
    .read = read_tracker,
};
