/* pkg_lines - the one reader of what guests print about packages; see pkg_lines.h. */
#include "adapters/pkg_lines.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { COLUMNS_MAX = 8, WORD_MAX = 200, SHOWN_MAX = 100 };

static int refuse(const char *line, size_t len, const char *why, struct err **err)
{
    AUTO_FREE char *shown = str_printable(line, len < SHOWN_MAX ? len : SHOWN_MAX, false);

    return err_set(err, ERR_GUEST, "line '%s' is not understood%s", shown, why);
}

/* Cuts the line at its tabs, which are written to; 0: it has too many columns. */
static size_t cut(char *line, char *ret[COLUMNS_MAX])
{
    size_t n = 0;

    for (char *tab; line; line = tab) {
        if (n == COLUMNS_MAX)
            return 0;
        tab = strchr(line, '\t');
        if (tab)
            *tab++ = '\0';
        ret[n++] = line;
    }
    return n;
}

static int take_line(const char *text, size_t len, const struct pkg_lines *lines, void *arg,
                     struct err **err)
{
    char *columns[COLUMNS_MAX];

    if (len > lines->line_max || memchr(text, '\0', len))
        return refuse(text, len, "", err);
    AUTO_FREE char *line = xstrndup(text, len);
    size_t n = cut(line, columns);
    return n > 0 && lines->take(columns, n, arg) ? 0 : refuse(text, len, "", err);
}

int pkg_lines_read(const char *text, size_t len, const struct pkg_lines *lines, void *arg,
                   struct err **err)
{
    size_t count = 0;

    for (const char *end = text + len; text < end; count++) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((nl ? nl : end) - text);

        if (!nl && !lines->ends)
            return err_set(err, ERR_GUEST, "it ends in the middle of a line");
        if (!nl)
            return refuse(text, n, ": it has no end", err);
        if (count >= lines->count_max)
            return err_set(err, ERR_GUEST, "it has more than %zu %s", lines->count_max,
                           lines->what);
        if (lines->ends && n == 3 && memcmp(text, "end", 3) == 0)
            return nl + 1 == end ? 0 : refuse(text, n, ": something follows it", err);
        if (take_line(text, n, lines, arg, err) < 0)
            return -1;
        text = nl + 1;
    }
    return lines->ends ? err_set(err, ERR_GUEST, "it is not complete: it has no end") : 0;
}

int pkg_list_end(struct package_list *list, struct package_list *ret, struct err **err)
{
    package_list_sort(list);
    for (size_t i = 1; i < list->len; i++) {
        if (str_eq(list->ptr[i - 1].name, list->ptr[i].name))
            return err_set(err, ERR_GUEST, "'%s' stands there twice", list->ptr[i].name);
    }
    *ret = *list;
    *list = (struct package_list){ 0 };
    return 0;
}

struct state_reading {
    const struct pkg_state_format *format;
    struct pkg_state *ret;
};

static bool take_state(char *const *columns, size_t n, void *arg)
{
    const struct state_reading *r = arg;

    for (size_t i = 0; i < r->format->len && n > 1; i++) {
        const struct pkg_state_line *l = &r->format->lines[i];
        if (str_eq(columns[0], l->word) && n == l->columns + 1
            && (!l->second || str_eq(columns[1], l->second)))
            return l->take(columns + 1, r->ret);
    }
    return false;
}

int pkg_state_read(const char *text, size_t len, const struct pkg_state_format *format,
                   struct pkg_state *ret, struct err **err)
{
    const struct pkg_lines lines = {
        .line_max = format->line_max,
        .count_max = format->count_max,
        .what = "lines",
        .ends = true,
        .take = take_state,
    };
    AUTO_PKG_STATE s = { 0 };
    struct state_reading r = { format, &s };

    if (pkg_lines_read(text, len, &lines, &r, err) < 0)
        return err_wrap(err, "the guest's state of packages");
    *ret = s;
    s = (struct pkg_state){ 0 };
    return 0;
}

bool pkg_path_is_valid(const char *s)
{
    return s[0] == '/' && s[1];
}

bool pkg_word_is_valid(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++) {
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    }
    return len > 0 && len <= WORD_MAX;
}
