/*
 * A package list as dpkg's status file, for the solver.
 *
 * Only names and versions are known of what is installed.  What it depends on need not be: it is
 * installed, so that is fulfilled, and the new versions say themselves what they need.  What it
 * provides is needed, and taken from an index that has the very same version.  That version is
 * then no longer offered: to apt the two would differ in what they depend on, and be an update.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/control_file.h"
#include "core/patch_fetch_work.h"

enum { STATUS_MAX = 64 << 20 };

static int by_name(const void *key, const void *item)
{
    return strcmp(key, ((const struct package *)item)->name);
}

static const struct package *find(const struct package_list *l, const char *name, const char *arch)
{
    AUTO_FREE char *qualified = xasprintf("%s:%s", name, arch);
    const char *const names[] = { name, qualified };
    const struct package *p = NULL;

    for (size_t i = 0; i < ARRAY_LEN(names) && !p && l->len; i++)
        p = bsearch(names[i], l->ptr, l->len, sizeof(*l->ptr), by_name);
    return p;
}

/* True when this very version is installed; what it provides is kept then. */
static bool take_installed(const struct package_list *l, const struct control_stanza *s,
                           const char *arch, char **provides)
{
    AUTO_FREE char *name = control_text(s, "Package");
    AUTO_FREE char *version = control_text(s, "Version");
    const struct package *p = name && version ? find(l, name, arch) : NULL;

    if (!p || !str_eq(p->version, version))
        return false;
    const struct control_field *f = control_find(s, "Provides");
    char **to = &provides[p - l->ptr];
    free(*to);
    *to = f ? xstrndup(f->value, f->value_len) : NULL;
    return true;
}

/* In place: what stays moves to the front. */
static int look_into(struct solver_index *index, const struct package_list *l, const char *arch,
                     char **provides, struct err **err)
{
    char *text = (char *)(uintptr_t)index->text;
    struct control_reader r = control_reader(text, index->len, "Packages");
    AUTO_CONTROL_STANZA s = { 0 };
    size_t len = 0;
    int rc;

    while ((rc = control_next(&r, &s, err)) > 0) {
        if (take_installed(l, &s, arch, provides))
            continue;
        size_t begin = (size_t)(s.text - text), end = (size_t)(r.pos - text);
        memmove(text + len, text + begin, end - begin);
        len += end - begin;
    }
    index->len = len;
    return rc;
}

static void add_package(struct str *s, const struct package *p, const char *arch,
                        const char *provides)
{
    const char *colon = strchr(p->name, ':');
    int len = colon ? (int)(colon - p->name) : (int)strlen(p->name);

    str_addf(s, "Package: %.*s\nStatus: install ok installed\nArchitecture: %s\nVersion: %s\n", len,
             p->name, colon ? colon + 1 : arch, p->version);
    if (colon)
        str_add(s, "Multi-Arch: same\n");
    if (provides)
        str_addf(s, "Provides: %s\n", provides);
    str_add(s, "Maintainer: unknown\nDescription: unknown\n\n");
}

char *fetch_status(const struct package_list *installed, const char *arch,
                   struct solver_index *indexes, size_t n, size_t *ret_len, struct err **err)
{
    AUTO_STR s = STR_INIT(STATUS_MAX);
    char **provides = xcalloc(installed->len + 1, sizeof(*provides));
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = look_into(&indexes[i], installed, arch, provides, err);
    for (size_t i = 0; i < installed->len; i++) {
        if (rc == 0)
            add_package(&s, &installed->ptr[i], arch, provides[i]);
        free(provides[i]);
    }
    free(provides);
    if (rc < 0)
        return NULL;
    *ret_len = s.len;
    return str_take(&s);
}
