/* dpkg_status - see dpkg_status.h. */
#include "adapters/dpkg_status.h"

#include <string.h>

#include "adapters/deb_name.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/pkgmgr.h"

enum { STATUS_MAX = 64 << 20, SHOWN_MAX = 100 };

static size_t count_of(const struct package_list *l, const char *arch)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        const char *colon = strchr(l->ptr[i].name, ':');
        n += colon && str_eq(colon + 1, arch);
    }
    return n;
}

char *dpkg_status_arch(const struct package_list *l)
{
    static const char *const known[] = { "amd64",   "arm64", "i386",   "armhf",
                                         "ppc64el", "s390x", "riscv64" };
    const char *best = known[0];
    size_t most = 0;

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        size_t n = count_of(l, known[i]);
        if (n > most) {
            most = n;
            best = known[i];
        }
    }
    return xstrdup(best);
}

static int refuse(const char *what, const char *text, struct err **err)
{
    AUTO_FREE char *shown = str_printable(text, strnlen(text, SHOWN_MAX), false);

    return err_set(err, ERR_INVALID, "cannot hand on the list of packages: '%s' is no %s", shown,
                   what);
}

static int add(struct str *s, const struct package *p, const char *arch, struct err **err)
{
    AUTO_FREE char *name = xstrndup(p->name, strcspn(p->name, ":"));
    AUTO_FREE char *version = xstrndup(p->version, strcspn(p->version, " "));
    AUTO_FREE char *source_version = xstrndup(p->source_version, strcspn(p->source_version, " "));
    const char *colon = strchr(p->name, ':');

    if (!deb_dpkg_name_is_valid(p->name) || !deb_dpkg_name_is_valid(p->source))
        return refuse("name of a package", p->name, err);
    if (!deb_dpkg_version_is_valid(version) || !deb_dpkg_version_is_valid(source_version))
        return refuse("version", p->version, err);
    str_addf(s,
             "Package: %s\nStatus: install ok installed\nPriority: optional\nSection: misc\n"
             "Maintainer: unknown <unknown@localhost>\nArchitecture: %s\n",
             name, colon ? colon + 1 : arch);
    if (colon)
        str_add(s, "Multi-Arch: same\n");
    if (!str_eq(p->source, name) || !str_eq(source_version, version))
        str_addf(s, "Source: %s (%s)\n", p->source, source_version);
    str_addf(s, "Version: %s\nDescription: unknown\n\n", version);
    return 0;
}

int dpkg_status_write(const struct package_list *l, const char *path, struct err **err)
{
    AUTO_FREE char *arch = dpkg_status_arch(l);
    AUTO_STR s = STR_INIT(STATUS_MAX);

    for (size_t i = 0; i < l->len; i++) {
        if (add(&s, &l->ptr[i], arch, err) < 0)
            return -1;
    }
    if (s.truncated)
        return err_set(err, ERR_INVALID, "cannot hand on the list of packages: it is too long");
    return file_write(path, s.ptr, s.len, 0644, err);
}
