/* deb_list - reads the lines of dpkg-query; see deb_list.h. */
#include "adapters/deb_list.h"

#include <stdbool.h>
#include <string.h>

#include "adapters/deb_name.h"
#include "adapters/deb_status.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 1024, SHOWN_MAX = 100 };

enum { NAME, VERSION, STATUS, SOURCE, SOURCE_VERSION, COLUMNS };

/* Cuts the line at its tabs, which are written to; false unless it has just these columns. */
static bool cut(char *line, char *columns[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        char *tab = line ? strchr(line, '\t') : NULL;

        if (!line || (i + 1 == COLUMNS && tab))
            return false;
        if (tab)
            *tab++ = '\0';
        line = tab;
    }
    return true;
}

static int take_line(char *line, struct package_list *ret)
{
    char *col[COLUMNS];

    if (!cut(line, col))
        return -1;
    struct deb_status s;
    if (!deb_status_read(col[STATUS], &s) || !deb_dpkg_name_is_valid(col[NAME]))
        return -1;
    if (!s.there)
        return 0;
    if (!deb_dpkg_version_is_valid(col[VERSION]) || !deb_dpkg_name_is_valid(col[SOURCE])
        || !deb_dpkg_version_is_valid(col[SOURCE_VERSION]))
        return -1;
    const char *broken = s.reinstall ? "reinstall required" : s.state;
    AUTO_FREE char *text = broken ? xasprintf("%s (%s)", col[VERSION], broken)
                                  : xstrdup(col[VERSION]);
    package_list_add_source(ret, col[NAME], text, col[SOURCE], col[SOURCE_VERSION]);
    return 0;
}

static int parse_lines(const char *text, size_t len, struct package_list *ret, struct err **err)
{
    for (const char *end = text + len; text < end;) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = nl ? (size_t)(nl - text) : 0;

        if (!nl)
            return err_set(err, ERR_GUEST, "it ends in the middle of a line");
        if (ret->len >= DEB_LIST_PACKAGES_MAX)
            return err_set(err, ERR_GUEST, "it has more than %d packages", DEB_LIST_PACKAGES_MAX);
        AUTO_FREE char *line = xstrndup(text, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES);
        if (n > LINE_MAX_BYTES || strlen(line) != n || take_line(line, ret) < 0) {
            AUTO_FREE char *shown = str_printable(text, n < SHOWN_MAX ? n : SHOWN_MAX, false);
            return err_set(err, ERR_GUEST, "line '%s' is not understood", shown);
        }
        text = nl + 1;
    }
    return 0;
}

int deb_list_parse(const char *text, size_t len, struct package_list *ret, struct err **err)
{
    AUTO_PACKAGE_LIST list = { 0 };

    if (parse_lines(text, len, &list, err) < 0)
        return err_wrap(err, "the guest's list of packages");
    package_list_sort(&list);
    for (size_t i = 1; i < list.len; i++)
        if (str_eq(list.ptr[i - 1].name, list.ptr[i].name))
            return err_set(err, ERR_GUEST, "the guest's list of packages: '%s' stands there twice",
                           list.ptr[i].name);
    *ret = list;
    list = (struct package_list){ 0 };
    return 0;
}
