/*
 * OSV records (https://ossf.github.io/osv-schema): one, a list of them, or a directory of both -
 * what an all.zip of OSV.dev holds.
 *
 * A record of a distribution says which CVEs it is about in `upstream`; others in `aliases`.  Only
 * ranges of type ECOSYSTEM have versions in the package manager's order; others are left out.
 */
#include "adapters/feeds.h"

#include <string.h>

#include "adapters/cvss.h"
#include "adapters/feed_text.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json_walk.h"
#include "base/mem.h"
#include "base/stop.h"

enum {
    FILE_MAX = 1 << 30,
    RECORD_MAX = 32 << 20,
    FILES_MAX = 2000000,
    RANGES_MAX = 1000,
    EVENTS_MAX = 1000
};

struct reader {
    const struct feed_input *in;
    const struct feed_sink *sink;
    const char *file; /* in messages */
};

struct record {
    const json_t *json;
    const char *where; /* "file: record 'DSA-1'" */
    const char *id;
    struct strv cves;
    enum severity severity;
};

static int read_event(const json_t *event, const char *where, struct feed_range *ret,
                      struct err **err)
{
    static const char *const keys[] = {
        [FEED_INTRODUCED] = "introduced",
        [FEED_FIXED] = "fixed",
        [FEED_LAST_AFFECTED] = "last_affected",
        [FEED_LIMIT] = "limit",
    };

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const char *version;
        if (feed_text_at(event, keys[i], /* required= */ false, where, &version, err) < 0)
            return -1;
        if (version)
            feed_range_add(ret, (enum feed_event_type)i, version);
    }
    return 0;
}

static int read_range(const json_t *range, const char *where, struct feed_range *ret,
                      struct err **err)
{
    const json_t *event;
    size_t i;

    if (!str_eq(json_str_at(range, "type"), "ECOSYSTEM"))
        return 0;
    if (json_array_size(json_object_get(range, "events")) > EVENTS_MAX)
        return err_set(err, ERR_INVALID, "%s: more than %d events", where, EVENTS_MAX);
    json_array_foreach(json_object_get(range, "events"), i, event)
    {
        if (read_event(event, where, ret, err) < 0)
            return -1;
    }
    return 0;
}

/* The worst of the vectors; one that cannot be evaluated says nothing. */
static enum severity severity_by_vector(const json_t *obj)
{
    enum severity worst = SEVERITY_UNKNOWN;
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(obj, "severity"), i, entry)
    {
        enum severity s = cvss_severity(json_str_at(entry, "score"));
        worst = s > worst ? s : worst;
    }
    return worst;
}

static enum severity severity_of(const json_t *obj)
{
    static const char *const places[][2] = {
        { "ecosystem_specific", "urgency" },
        { "ecosystem_specific", "severity" },
        { "database_specific", "severity" },
    };
    enum severity s = SEVERITY_UNKNOWN;

    for (size_t i = 0; i < ARRAY_LEN(places) && s == SEVERITY_UNKNOWN; i++)
        s = feed_severity(json_str_at(json_object_get(obj, places[i][0]), places[i][1]));
    return s == SEVERITY_UNKNOWN ? severity_by_vector(obj) : s;
}

struct ranges {
    struct feed_range *ptr;
    size_t len;
};

static void ranges_release(struct ranges *r)
{
    for (size_t i = 0; i < r->len; i++)
        feed_range_release(&r->ptr[i]);
    mem_freep(&r->ptr);
}
#define AUTO_RANGES __attribute__((cleanup(ranges_release))) struct ranges

static int read_ranges(const struct record *r, const json_t *affected, struct ranges *ret,
                       struct err **err)
{
    const json_t *list = json_object_get(affected, "ranges"), *range;
    size_t i;

    if (json_array_size(list) > RANGES_MAX)
        return err_set(err, ERR_INVALID, "%s: more than %d ranges", r->where, RANGES_MAX);
    ret->ptr = xcalloc(json_array_size(list) + 1, sizeof(*ret->ptr));
    json_array_foreach((json_t *)list, i, range)
    {
        if (read_range(range, r->where, &ret->ptr[ret->len++], err) < 0)
            return -1;
    }
    return 0;
}

static int read_affected(const struct reader *rd, const struct record *r, const json_t *affected,
                         struct err **err)
{
    const json_t *package = json_object_get(affected, "package");
    enum severity severity = severity_of(affected);
    const char *ecosystem, *name;
    AUTO_RANGES ranges = { 0 };
    AUTO_STRV versions = { 0 };

    if (!package) /* only of a repository's commits */
        return 0;
    if (feed_text_at(package, "ecosystem", true, r->where, &ecosystem, err) < 0
        || feed_text_at(package, "name", true, r->where, &name, err) < 0
        || feed_texts_at(affected, "versions", NULL, r->where, &versions, err) < 0
        || read_ranges(r, affected, &ranges, err) < 0)
        return -1;
    struct feed_affected a = {
        .advisory = r->id,
        .cves = &r->cves,
        .ecosystem = ecosystem,
        .package = name,
        .names = str_starts(ecosystem, "Red Hat") ? FEED_NAMES_EITHER : FEED_NAMES_SOURCE,
        .severity = severity ? severity : r->severity,
        .ranges = ranges.ptr,
        .range_count = ranges.len,
        .versions = &versions,
    };
    return rd->sink->affected(rd->sink->arg, &a, err);
}

static int read_cves(struct record *r, struct err **err)
{
    static const char *const places[] = { "upstream", "aliases" };

    if (str_starts(r->id, "CVE-"))
        strv_add(&r->cves, r->id);
    for (size_t i = 0; i < ARRAY_LEN(places) && r->cves.len == 0; i++) {
        if (feed_texts_at(r->json, places[i], "CVE-", r->where, &r->cves, err) < 0)
            return -1;
    }
    return 0;
}

static int read_record(const struct reader *rd, const json_t *json, struct err **err)
{
    const char *id, *modified;
    const json_t *affected;
    size_t i;

    if (feed_text_at(json, "id", true, rd->file, &id, err) < 0)
        return -1;
    AUTO_FREE char *where = xasprintf("%s: record '%s'", rd->file, id);
    struct record r = { .json = json, .where = where, .id = id, .severity = severity_of(json) };
    int rc = feed_text_at(json, "modified", false, where, &modified, err);
    if (rc == 0 && modified)
        rd->sink->dated(rd->sink->arg, modified);
    if (rc < 0 || json_object_get(json, "withdrawn"))
        return rc;
    rc = read_cves(&r, err);
    json_array_foreach(json_object_get(json, "affected"), i, affected)
    {
        if (rc == 0)
            rc = read_affected(rd, &r, affected, err);
    }
    strv_release(&r.cves);
    return rc;
}

static int each_record(void *arg, const char *key, const char *value, size_t len, struct err **err)
{
    const struct reader *rd = arg;

    (void)key;
    if (stop_check(rd->in->stop, err) < 0)
        return -1;
    AUTO_JSON *json = json_parse(value, len, RECORD_MAX, rd->file, err);
    return json ? read_record(rd, json, err) : -1;
}

static int read_file(struct reader *rd, const char *path, const char *name, struct err **err)
{
    size_t len = 0;
    AUTO_FREE char *text = file_read(path, FILE_MAX, &len, err);

    if (!text)
        return -1;
    rd->file = name;
    if (json_first(text, len) == '[')
        return json_walk(text, len, name, each_record, rd, err);
    return each_record(rd, NULL, text, len, err);
}

static int read_tree(struct reader *rd, struct err **err)
{
    AUTO_STRV files = { 0 };

    if (dir_walk(rd->in->path, FILES_MAX, &files, err) < 0)
        return -1;
    for (size_t i = 0; i < files.len; i++) {
        AUTO_FREE char *path = path_join(rd->in->path, files.ptr[i]);
        if (str_ends(path, ".json") && read_file(rd, path, files.ptr[i], err) < 0)
            return -1;
    }
    return 0;
}

static int read_osv(const struct feed_input *in, const struct feed_sink *sink, struct err **err)
{
    struct reader rd = { .in = in, .sink = sink };

    return feed_is_tree(in->path) ? read_tree(&rd, err)
                                  : read_file(&rd, in->path, path_base(in->path), err);
}

const struct feed_format feed_osv = {
    .kind = "osv",
    .help = "OSV records: a file, a directory, or an all.zip of OSV.dev",
    .takes_tree = true,
    .read = read_osv,
};
