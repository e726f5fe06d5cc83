/* OVAL definitions: they are not read into rows, but kept for a scanner that evaluates them. */
#include "adapters/feeds.h"

#include <string.h>

#include "adapters/oval_source.h"
#include "adapters/xml_walk.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { FILE_MAX = 512 << 20, TIME_SIZE = 32 };
static const struct xml_limits limits = { .bytes = FILE_MAX, .depth = 100, .elements = 20000000 };

struct look {
    size_t definitions;
    bool dated;
    struct str *date;
};

static int on_open(void *arg, const struct xml_element *e, struct err **err)
{
    struct look *l = arg;

    if (e->depth == 1
        && (!str_eq(e->name, "oval_definitions") || !str_eq(e->space, OVAL_DEFINITIONS_SPACE)))
        return err_set(err, ERR_INVALID, "it is no document of OVAL definitions");
    l->definitions += e->depth == 3 && str_eq(e->name, "definition");
    l->dated = e->depth == 3 && str_eq(e->name, "timestamp");
    return 0;
}

static int on_text(void *arg, const char *text, size_t len, struct err **err)
{
    struct look *l = arg;

    (void)err;
    if (l->dated)
        str_add_mem(l->date, text, len);
    return 0;
}

static int on_close(void *arg, const struct xml_element *e, struct err **err)
{
    (void)e;
    (void)err;
    ((struct look *)arg)->dated = false;
    return 0;
}

static int read_oval(const struct feed_input *in, const struct feed_sink *sink, struct err **err)
{
    const struct xml_sink walk = { on_open, on_text, on_close };
    AUTO_STR date = STR_INIT(TIME_SIZE);
    struct look l = { .date = &date };
    size_t len = 0;
    AUTO_FREE char *text = file_read(in->path, FILE_MAX, &len, err);

    if (!text)
        return -1;
    if (xml_walk(text, len, path_base(in->path), &limits, &walk, &l, in->stop, err) < 0)
        return -1;
    if (l.definitions == 0)
        return err_set(err, ERR_INVALID, "%s: it has no definition", path_base(in->path));
    if (date.len == strlen("2026-11-24T00:00:00") && strspn(date.ptr, "0123456789-T:") == date.len)
        sink->dated(sink->arg, date.ptr);
    return 0;
}

const struct feed_format feed_oval = {
    .kind = "oval",
    .help = "OVAL definitions, which scanner 'oscap' evaluates",
    .keeps = true,
    .read = read_oval,
};
