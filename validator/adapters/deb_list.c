/* deb_list - reads the lines of dpkg-query; see deb_list.h. */
#include "adapters/deb_list.h"

#include <stdbool.h>

#include "adapters/deb_name.h"
#include "adapters/deb_status.h"
#include "adapters/pkg_lines.h"
#include "base/err.h"
#include "base/mem.h"

enum { LINE_MAX_BYTES = 1024 };
enum { NAME, VERSION, STATUS, SOURCE, SOURCE_VERSION, COLUMNS };

static bool take_line(char *const *col, size_t n, void *arg)
{
    struct package_list *ret = arg;
    struct deb_status s;

    if (n != COLUMNS || !deb_status_read(col[STATUS], &s) || !deb_dpkg_name_is_valid(col[NAME]))
        return false;
    if (!s.there)
        return true;
    if (!deb_dpkg_version_is_valid(col[VERSION]) || !deb_dpkg_name_is_valid(col[SOURCE])
        || !deb_dpkg_version_is_valid(col[SOURCE_VERSION]))
        return false;
    const char *broken = s.reinstall ? "reinstall required" : s.state;
    AUTO_FREE char *text = broken ? xasprintf("%s (%s)", col[VERSION], broken)
                                  : xstrdup(col[VERSION]);
    package_list_add_source(ret, col[NAME], text, col[SOURCE], col[SOURCE_VERSION]);
    return true;
}

int deb_list_parse(const char *text, size_t len, struct package_list *ret, struct err **err)
{
    static const struct pkg_lines lines = {
        .line_max = LINE_MAX_BYTES,
        .count_max = DEB_LIST_PACKAGES_MAX,
        .what = "packages",
        .take = take_line,
    };
    AUTO_PACKAGE_LIST list = { 0 };

    if (pkg_lines_read(text, len, &lines, &list, err) < 0 || pkg_list_end(&list, ret, err) < 0)
        return err_wrap(err, "the guest's list of packages");
    return 0;
}
