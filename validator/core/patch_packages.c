/* Patches of packages: what these say, and what a patch without a patch.yaml is called. */
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/patch_intake.h"
#include "core/site.h"
#include "ports/archive.h"
#include "ports/pkgmgr.h"

static const struct package_kind kinds[] = {
    { "deb", ".deb", "all", version_deb_compare, .has_changelogs = true },
    { "rpm", ".rpm", "noarch", version_rpm_compare },
};

const struct package_kind *package_kind_of(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_eq(kinds[i].kind, kind))
            return &kinds[i];
    }
    return NULL;
}

const struct package_kind *package_kind_of_file(const char *file)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_ends(file, kinds[i].suffix))
            return &kinds[i];
    }
    return NULL;
}

static int add_package(struct intake *in, const char *file, struct strv *seen, struct err **err)
{
    AUTO_FREE char *path = path_join(in->dir, file);
    AUTO_PACKAGE_INFO p = { 0 };

    if (stop_check(in->site->stop, err) < 0 || in->site->archive->package_info(path, &p, err) < 0)
        return -1;
    /* Either of them could be the one that is installed. */
    AUTO_FREE char *id = xasprintf("%s:%s", p.name, p.arch);
    strv_add(seen, id);
    json_array_append_new(in->packages,
                          json_pack("{s:o, s:o, s:o, s:o, s:o}", "arch", json_text(p.arch), "file",
                                    json_text(file), "name", json_text(p.name), "source",
                                    json_text(p.source), "version", json_text(p.version)));
    return 0;
}

int intake_packages(struct intake *in, struct err **err)
{
    const struct package_kind *kind = package_kind_of(in->spec.kind);
    AUTO_STRV seen = { 0 };

    in->packages = json_array();
    for (size_t i = 0; i < in->bundle.len; i++) {
        const char *file = in->bundle.ptr[i].path;

        if (str_ends(file, kind->suffix) && !str_starts(file, PATCH_UNDO)
            && add_package(in, file, &seen, err) < 0)
            return -1;
    }
    if (seen.len == 0)
        return err_set(err, ERR_INVALID, "a patch of kind '%s' needs at least one %s file",
                       kind->kind, kind->suffix);
    strv_sort(&seen);
    for (size_t i = 1; i < seen.len; i++) {
        if (str_eq(seen.ptr[i - 1], seen.ptr[i]))
            return err_set(err, ERR_INVALID, "package '%s' is there twice", seen.ptr[i]);
    }
    return 0;
}

static const char *member(const struct intake *in, size_t i, const char *key)
{
    return json_str_at(json_array_get(in->packages, i), key);
}

/* What all packages have in common, or NULL. */
static const char *common(const struct intake *in, const char *key)
{
    for (size_t i = 1; i < json_array_size(in->packages); i++) {
        if (!str_eq(member(in, i, key), member(in, 0, key)))
            return NULL;
    }
    return member(in, 0, key);
}

static const char *derived_version(const struct intake *in, const char *source)
{
    const char *version = common(in, "version");

    for (size_t i = 0; source && i < json_array_size(in->packages); i++) {
        if (str_eq(member(in, i, "name"), source))
            return member(in, i, "version");
    }
    return version ? version : "1";
}

int intake_derive(struct intake *in, struct err **err)
{
    const char *source = common(in, "source");
    const char *version = derived_version(in, source);

    if (!site_pkgmgr(in->site, in->spec.kind))
        return err_set(err, ERR_INVALID, "patches of kind '%s' are not known", in->spec.kind);
    if (!in->spec.name && !source) {
        err_set(err, ERR_INVALID, "the packages '%s' and others have no source package in common",
                member(in, 0, "name"));
        return err_hint(err, "give the patch a name with --name");
    }
    AUTO_FREE char *name = xstrdup(source);
    if (name)
        str_lower(name); /* names of rpm packages may have capital letters */
    if (!in->spec.name && !name_is_valid(name))
        return err_set(err, ERR_INVALID, "source package '%s' is no name for a patch", source);
    if (!patch_version_is_valid(version))
        return err_set(err, ERR_INVALID, "'%s' is no version for a patch", version);
    if (!in->spec.name)
        in->spec.name = TAKE(name);
    in->spec.version = xstrdup(version);
    return 0;
}
