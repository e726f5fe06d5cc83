/* rpm_list - reads the lines of rpm -qa; see rpm_list.h. */
#include "adapters/rpm_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/rpm_name.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 1024, SHOWN_MAX = 100 };
enum { NAME, ARCH, VERSION, SOURCE, COLUMNS };
#define NONE "(none)"

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

/* A source package's file is called without its epoch, which its packages share but for rare ones;
 * compared with an advisory's version, one without would always be older. */
static char *with_epoch_of(const char *evr, const char *source_version)
{
    const char *colon = strchr(evr, ':');
    int len = colon ? (int)(colon + 1 - evr) : 0;

    return source_version ? xasprintf("%.*s%s", len, evr, source_version) : xstrdup(evr);
}

static int take_line(char *line, struct package_list *ret)
{
    AUTO_FREE char *source = NULL, *source_version = NULL;
    char *col[COLUMNS];

    if (!cut(line, col) || !rpm_name_is_valid(col[NAME]) || !rpm_evr_is_valid(col[VERSION]))
        return -1;
    bool any = str_eq(col[ARCH], NONE);
    if ((!any && !rpm_arch_is_valid(col[ARCH]))
        || (!str_eq(col[SOURCE], NONE)
            && rpm_source_split(col[SOURCE], &source, &source_version) < 0))
        return -1;
    AUTO_FREE char *name = any ? xstrdup(col[NAME]) : xasprintf("%s:%s", col[NAME], col[ARCH]);
    AUTO_FREE char *from = with_epoch_of(col[VERSION], source_version);
    package_list_add_source(ret, name, col[VERSION], source ? source : col[NAME], from);
    return 0;
}

static int parse_lines(const char *text, size_t len, struct package_list *ret, struct err **err)
{
    for (const char *end = text + len; text < end;) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = nl ? (size_t)(nl - text) : 0;

        if (!nl)
            return err_set(err, ERR_GUEST, "it ends in the middle of a line");
        if (ret->len >= RPM_LIST_PACKAGES_MAX)
            return err_set(err, ERR_GUEST, "it has more than %d packages", RPM_LIST_PACKAGES_MAX);
        AUTO_FREE char *line = xstrndup(text, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES);
        if (n > LINE_MAX_BYTES || strlen(line) != n || take_line(line, ret) < 0) {
            AUTO_FREE char *shown = str_printable(text, n < SHOWN_MAX ? n : SHOWN_MAX, false);
            return err_set(err, ERR_GUEST, "line '%s' is not understood", shown);
        }
        text = nl + 1;
    }
    return 0;
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
    AUTO_PACKAGE_LIST list = { 0 };

    if (parse_lines(text, len, &list, err) < 0)
        return err_wrap(err, "the guest's list of packages");
    tell_apart(&list);
    package_list_sort(&list);
    for (size_t i = 1; i < list.len; i++)
        if (str_eq(list.ptr[i - 1].name, list.ptr[i].name))
            return err_set(err, ERR_GUEST, "the guest's list of packages: '%s' stands there twice",
                           list.ptr[i].name);
    *ret = list;
    list = (struct package_list){ 0 };
    return 0;
}
