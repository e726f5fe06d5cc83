/* rpm_list - reads the lines of rpm -qa; see rpm_list.h. */
#include "adapters/rpm_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/pkg_lines.h"
#include "adapters/rpm_name.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 1024 };
enum { NAME, ARCH, VERSION, SOURCE, COLUMNS };
#define NONE "(none)"

/* A source package's file is called without its epoch, which its packages share but for rare ones;
 * compared with an advisory's version, one without would always be older. */
static char *with_epoch_of(const char *evr, const char *source_version)
{
    const char *colon = strchr(evr, ':');
    int len = colon ? (int)(colon + 1 - evr) : 0;

    return source_version ? xasprintf("%.*s%s", len, evr, source_version) : xstrdup(evr);
}

static bool take_line(char *const *col, size_t n, void *arg)
{
    AUTO_FREE char *source = NULL, *source_version = NULL;

    if (n != COLUMNS || !rpm_name_is_valid(col[NAME]) || !rpm_evr_is_valid(col[VERSION]))
        return false;
    bool any = str_eq(col[ARCH], NONE);
    if ((!any && !rpm_arch_is_valid(col[ARCH]))
        || (!str_eq(col[SOURCE], NONE)
            && rpm_source_split(col[SOURCE], &source, &source_version) < 0))
        return false;
    AUTO_FREE char *name = any ? xstrdup(col[NAME]) : xasprintf("%s:%s", col[NAME], col[ARCH]);
    AUTO_FREE char *from = with_epoch_of(col[VERSION], source_version);
    package_list_add_source(arg, name, col[VERSION], source ? source : col[NAME], from);
    return true;
}

/* Only who has which name depends on this order, so it need not be rpm's in every corner. */
static int by_version(const void *a, const void *b)
{
    const struct package *pa = a, *pb = b;
    int diff = strcmp(pa->name, pb->name);

    return diff ? diff : strverscmp(pa->version, pb->version);
}

static void tell_apart(struct package_list *l)
{
    if (l->len)
        qsort(l->ptr, l->len, sizeof(*l->ptr), by_version);
    for (size_t i = 0; i + 1 < l->len; i++) {
        struct package *p = &l->ptr[i];

        if (!str_eq(p->name, p[1].name))
            continue;
        char *longer = xasprintf("%s %s", p->name, p->version);
        free(p->name);
        p->name = longer;
    }
}

int rpm_list_parse(const char *text, size_t len, struct package_list *ret, struct err **err)
{
    static const char what[] = "the guest's list of packages";
    static const struct pkg_lines lines = {
        .line_max = LINE_MAX_BYTES,
        .count_max = RPM_LIST_PACKAGES_MAX,
        .what = "packages",
        .take = take_line,
    };
    AUTO_PACKAGE_LIST list = { 0 };

    if (pkg_lines_read(text, len, &lines, &list, err) < 0)
        return err_wrap(err, "%s", what);
    tell_apart(&list);
    return pkg_list_end(&list, ret, err) < 0 ? err_wrap(err, "%s", what) : 0;
}
