/* feeds - the list of the formats; see adapters/feeds.h. */
#include "adapters/feeds.h"

#include <stddef.h>
#include <sys/stat.h>

const struct feed_format *const feed_formats[] = {
    &feed_osv, &feed_tracker, &feed_debsecan, &feed_kev, &feed_epss, &feed_json, &feed_oval, NULL,
};

bool feed_is_tree(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
