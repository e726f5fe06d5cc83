/* CISA's catalogue of known exploited vulnerabilities, as JSON. */
#include "adapters/feeds.h"

#include "adapters/feed_text.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { FILE_MAX = 64 << 20 };

static int take_entry(const struct feed_sink *sink, const json_t *entry, const char *file,
                      struct err **err)
{
    struct feed_exploited x = {
        .ransomware = str_eq(json_str_at(entry, "knownRansomwareCampaignUse"), "Known"),
    };

    if (feed_text_at(entry, "cveID", true, file, &x.cve, err) < 0)
        return -1;
    AUTO_FREE char *where = xasprintf("%s: '%s'", file, x.cve);
    if (feed_text_at(entry, "vulnerabilityName", true, where, &x.name, err) < 0
        || feed_text_at(entry, "dateAdded", true, where, &x.added, err) < 0
        || feed_text_at(entry, "dueDate", false, where, &x.due, err) < 0)
        return -1;
    return sink->exploited(sink->arg, &x, err);
}

static int read_kev(const struct feed_input *in, const struct feed_sink *sink, struct err **err)
{
    const char *file = path_base(in->path), *released;
    const json_t *entry;
    size_t len = 0, i;
    AUTO_FREE char *text = file_read(in->path, FILE_MAX, &len, err);
    AUTO_JSON *json = text ? json_parse(text, len, FILE_MAX, file, err) : NULL;

    if (!json || feed_text_at(json, "dateReleased", false, file, &released, err) < 0)
        return -1;
    const json_t *list = json_object_get(json, "vulnerabilities");
    if (!json_is_array(list))
        return err_set(err, ERR_INVALID, "%s: a list 'vulnerabilities' expected", file);
    if (released)
        sink->dated(sink->arg, released);
    json_array_foreach((json_t *)list, i, entry)
    {
        if (take_entry(sink, entry, file, err) < 0)
            return -1;
    }
    return 0;
}

const struct feed_format feed_kev = {
    .kind = "kev",
    .help = "CISA's known exploited vulnerabilities, as JSON",
    .read = read_kev,
};
