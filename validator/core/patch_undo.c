/* The older packages that a patch of packages brings, so that it can be taken back. */
#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/patch_intake.h"
#include "core/site.h"
#include "core/version.h"
#include "ports/archive.h"
#include "ports/pkgmgr.h"

/* The package of the patch that `p` is an older version of, or NULL.  Of the same name is enough
 * where none has the same architecture: one that was built for each may be for all now. */
static const json_t *newer_of(const struct intake *in, const struct package_info *p)
{
    const json_t *by_name = NULL, *j;
    size_t i;

    json_array_foreach(in->packages, i, j)
    {
        if (!str_eq(json_str_at(j, "name"), p->name))
            continue;
        if (str_eq(json_str_at(j, "arch"), p->arch))
            return j;
        by_name = j;
    }
    return by_name;
}

static int add_older(struct intake *in, const char *file, json_t *list, struct strv *seen,
                     struct err **err)
{
    AUTO_FREE char *path = path_join(in->dir, file);
    AUTO_PACKAGE_INFO p = { 0 };

    if (stop_check(in->site->stop, err) < 0 || in->site->archive->package_info(path, &p, err) < 0)
        return -1;
    const json_t *newer = newer_of(in, &p);
    if (!newer)
        return err_set(err, ERR_INVALID, "'%s' takes nothing back: the patch has no package '%s'",
                       file, p.name);
    if (package_kind_of(in->spec.kind)->order(p.version, json_str_at(newer, "version")) >= 0)
        return err_set(err, ERR_INVALID, "'%s' takes nothing back: its version %s is not older",
                       file, p.version);
    AUTO_FREE char *id = xasprintf("%s:%s %s", p.name, p.arch, p.version);
    if (strv_has(seen, id))
        return err_set(err, ERR_INVALID, "the older package '%s' is there twice", id);
    strv_add(seen, id);
    json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "arch", json_text(p.arch), "file",
                                          json_text(file), "name", json_text(p.name), "version",
                                          json_text(p.version)));
    return 0;
}

static bool has_older(const json_t *older, const json_t *package, const char *any_arch)
{
    size_t i;
    json_t *j;

    json_array_foreach((json_t *)older, i, j)
    {
        if (str_eq(json_str_at(j, "name"), json_str_at(package, "name"))
            && (str_eq(json_str_at(j, "arch"), json_str_at(package, "arch"))
                || str_eq(json_str_at(j, "arch"), any_arch)
                || str_eq(json_str_at(package, "arch"), any_arch)))
            return true;
    }
    return false;
}

/* "NAME:ARCH" of those packages of the patch that nothing takes back. */
static json_t *missing_of(const struct intake *in, const json_t *older)
{
    const char *any_arch = package_kind_of(in->spec.kind)->any_arch;
    AUTO_STRV missing = { 0 };
    size_t i;
    json_t *j;

    json_array_foreach(in->packages, i, j)
    {
        const char *name = json_str_at(j, "name");
        if (!strv_has(&in->spec.new_packages, name) && !has_older(older, j, any_arch))
            strv_addf(&missing, "%s:%s", name, json_str_at(j, "arch"));
    }
    strv_sort(&missing);
    return json_strv(&missing);
}

static bool has_package(const struct intake *in, const char *name)
{
    size_t i;
    json_t *j;

    json_array_foreach(in->packages, i, j)
    {
        if (str_eq(json_str_at(j, "name"), name))
            return true;
    }
    return false;
}

int intake_undo(struct intake *in, struct err **err)
{
    const char *suffix = package_kind_of(in->spec.kind)->suffix;
    AUTO_JSON *older = json_array();
    AUTO_STRV seen = { 0 };

    for (size_t i = 0; i < in->spec.new_packages.len; i++) {
        if (!has_package(in, in->spec.new_packages.ptr[i]))
            return err_set(err, ERR_INVALID,
                           PATCH_FILE " lists '%s' under 'new-packages', which is not there",
                           in->spec.new_packages.ptr[i]);
    }
    for (size_t i = 0; i < in->bundle.len; i++) {
        const char *file = in->bundle.ptr[i].path;

        if (str_ends(file, suffix) && str_starts(file, PATCH_UNDO)
            && add_older(in, file, older, &seen, err) < 0)
            return -1;
    }
    in->undo = json_pack("{s:o, s:O}", "missing", missing_of(in, older), "packages", older);
    return 0;
}
