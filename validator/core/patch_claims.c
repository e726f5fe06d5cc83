/*
 * Which CVEs the changelogs of a patch's packages name.
 *
 * What is installed is not known at intake, so of each changelog the topmost entry counts; with
 * 'replaces' in patch.yaml, or with the older package to go back to, each entry that is newer than
 * that.  They are claims of a weaker kind than 'cves': changelogs name CVEs that who scores them
 * sees otherwise.
 */
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/changelog.h"
#include "core/patch_intake.h"
#include "core/site.h"
#include "ports/archive.h"

enum { CHANGELOG_MAX = 16 << 20 };

/* The version of this package that the patch replaces; NULL: not known.  One that the patch can be
 * taken back to is what it was installed over. */
static const char *since_of(const struct intake *in, const char *package)
{
    const json_t *older = json_object_get(in->undo, "packages"), *p;
    const struct patch_spec *s = &in->spec;
    size_t len = strlen(package), k;

    for (size_t i = 0; i < s->replaces.len; i++) {
        const char *text = s->replaces.ptr[i];
        if (str_starts(text, package) && text[len] == ' ')
            return text + len + 1;
    }
    json_array_foreach((json_t *)older, k, p)
    {
        if (str_eq(json_str_at(p, "name"), package))
            return json_str_at(p, "version");
    }
    return NULL;
}

/* A package whose changelog cannot be read claims nothing: dpkg judges the rest of it. */
static int add_claims(struct intake *in, const json_t *package, struct err **err)
{
    const char *name = json_str_at(package, "name");
    AUTO_FREE char *path = path_join(in->dir, json_str_at(package, "file"));
    AUTO_FREE char *text = NULL;
    AUTO_ERR e = NULL;
    size_t len = 0;

    if (in->site->archive->package_changelog(path, name, CHANGELOG_MAX, in->site->stop, &text, &len,
                                             &e)
        < 0) {
        if (e->code == ERR_INVALID)
            return 0;
        *err = TAKE(e);
        return -1;
    }
    if (text)
        changelog_claims(text, len, name, since_of(in, name), in->claims);
    return 0;
}

/* What is said anyway is no claim of a changelog. */
static void drop_said(struct intake *in)
{
    for (size_t i = json_array_size(in->claims); i > 0; i--) {
        if (strv_has(&in->spec.cves, json_str_at(json_array_get(in->claims, i - 1), "cve")))
            json_array_remove(in->claims, i - 1);
    }
}

int intake_claims(struct intake *in, struct err **err)
{
    const json_t *package;
    size_t i;

    in->claims = json_array();
    json_array_foreach(in->packages, i, package)
    {
        if (stop_check(in->site->stop, err) < 0 || add_claims(in, package, err) < 0)
            return -1;
    }
    drop_said(in);
    return 0;
}
