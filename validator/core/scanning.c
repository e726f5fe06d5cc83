/* A scanner with its data; see scanning.h. */
#include "core/scanning.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/site.h"
#include "core/version.h"
#include "core/vulns.h"
#include "ports/pkgmgr.h"
#include "store/blob.h"
#include "store/store.h"

static const struct scanner *const only_builtin[] = { &scanner_builtin, NULL };

static const struct scanner *const *scanners_of(const struct site *site)
{
    return site->scanners ? site->scanners : only_builtin;
}

static void unknown(const struct site *site, const char *name, struct err **err)
{
    AUTO_STRV known = { 0 };
    AUTO_FREE char *shown = str_printable(name, strnlen(name, 100), false);

    for (const struct scanner *const *s = scanners_of(site); *s; s++)
        strv_add(&known, (*s)->name);
    AUTO_FREE char *list = strv_join(&known, ", ");
    err_set(err, ERR_INVALID, "'%s' is no scanner", shown);
    err_hint(err, "these are known: %s", list);
}

const struct scanner *scanner_find(const struct site *site, const char *name, char **ret_version,
                                   struct err **err)
{
    const struct scanner *found = NULL;
    AUTO_ERR e = NULL;

    for (const struct scanner *const *s = scanners_of(site); *s && !found; s++)
        found = str_eq((*s)->name, name ? name : SCANNER_DEFAULT) ? *s : NULL;
    if (!found) {
        unknown(site, name, err);
        return NULL;
    }
    AUTO_FREE char *version = found->version(site->stop, &e);
    if (!version && e->code != ERR_NOT_FOUND) {
        *err = TAKE(e);
        return NULL;
    }
    if (!version) {
        err_set(err, ERR_INVALID, "scanner '%s' is not installed: %s", found->name, e->msg);
        if (e->hint)
            err_hint(err, "%s", e->hint);
        return NULL;
    }
    if (ret_version)
        *ret_version = TAKE(version);
    return found;
}

json_t *scanner_list(const struct site *site)
{
    json_t *list = json_array();

    for (const struct scanner *const *s = scanners_of(site); *s; s++) {
        AUTO_ERR e = NULL;
        AUTO_FREE char *version = (*s)->version(site->stop, &e);
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o, s:o}", "name", (*s)->name,
                                              "help", (*s)->help, "installed", version != NULL,
                                              "version", json_text(version), "why_not",
                                              json_text(version ? NULL : e->msg)));
    }
    return list;
}

/* --- loading -------------------------------------------------------------------------------- */

static int add_file(const struct site *site, struct scanning *s, struct query *q, struct err **err)
{
    const char *digest = query_text(q, 1);
    AUTO_ERR e = NULL;

    if (blob_check(site->blobs, digest, &e) < 0) {
        err_set(err, e->code, "the data of feed '%s': %s", query_text(q, 0), e->msg);
        return err_hint(err, "'patchlab feed poll %s' brings it back", query_text(q, 0));
    }
    s->files = xreallocarray(s->files, s->file_count + 1, sizeof(*s->files));
    s->files[s->file_count++] = (struct scan_file){
        .feed = xstrdup(query_text(q, 0)),
        .path = blob_path(site->blobs, digest),
        .digest = xstrdup(digest),
        .release = xstrdup(query_text(q, 2)),
    };
    json_array_append_new(s->feeds, json_pack("{s:s, s:s, s:s, s:o, s:I}", "feed", query_text(q, 0),
                                              "kind", s->scanner->feed_kind, "digest", digest,
                                              "dated", json_text(query_text(q, 3)), "records",
                                              (json_int_t)query_int(q, 4)));
    return 0;
}

static int load_files(const struct site *site, struct scanning *s, struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT name, digest, release, dated, records FROM feed"
                               " WHERE kind = ? AND digest IS NOT NULL ORDER BY name",
                               ARGS(A_TEXT(s->scanner->feed_kind)), err);
    int rc = q ? query_step(q, err) : -1;

    s->feeds = json_array();
    for (; rc > 0; rc = query_step(q, err)) {
        if (add_file(site, s, q, err) < 0)
            return -1;
    }
    if (rc < 0)
        return -1;
    AUTO_FREE char *text = json_canonical(s->feeds);
    digest_mem(text, strlen(text), s->digest);
    return 0;
}

static int load_rows(const struct site *site, const char *kind, struct scanning *s,
                     struct err **err)
{
    s->vulns = vulns_load(site->store, kind, err);
    if (!s->vulns)
        return -1;
    s->feeds = vulns_data(s->vulns);
    memcpy(s->digest, vulns_digest(s->vulns), sizeof(s->digest));
    return 0;
}

int scanning_load(const struct site *site, const char *name, const char *kind, struct scanning *ret,
                  struct err **err)
{
    AUTO_SCANNING s = { 0 };

    s.scanner = scanner_find(site, name, &s.version, err);
    if (!s.scanner)
        return -1;
    if ((s.scanner->feed_kind ? load_files(site, &s, err) : load_rows(site, kind, &s, err)) < 0)
        return err_wrap(err, "load the vulnerability data");
    *ret = s;
    s = (struct scanning){ 0 };
    return 0;
}

void scanning_release(struct scanning *s)
{
    for (size_t i = 0; i < s->file_count; i++) {
        free(s->files[i].feed);
        free(s->files[i].path);
        free(s->files[i].digest);
        free(s->files[i].release);
    }
    free(s->files);
    free(s->version);
    vulns_free(s->vulns);
    json_decref(s->feeds);
    *s = (struct scanning){ 0 };
}

/* --- scanning ------------------------------------------------------------------------------- */

bool scanning_is_empty(const struct scanning *s)
{
    return s->vulns ? vulns_count(s->vulns) == 0 : s->file_count == 0;
}

static bool is_for(const struct scan_file *f, const char *release)
{
    return !f->release || str_eq(f->release, release);
}

static bool has_data(const struct scanning *s, const char *release)
{
    if (s->vulns)
        return vulns_know(s->vulns, release);
    for (size_t i = 0; i < s->file_count; i++) {
        if (is_for(&s->files[i], release))
            return true;
    }
    return false;
}

char *scanning_why_not(const struct scanning *s, const struct package_list *packages,
                       const char *release)
{
    const char *kind = s->scanner->packages;

    if (packages->len == 0)
        return xstrdup("there is no list of packages");
    if (scanning_is_empty(s))
        return s->vulns ? xstrdup("there is no vulnerability data")
                        : xasprintf("there is no data of kind '%s' for scanner '%s'",
                                    s->scanner->feed_kind, s->scanner->name);
    if (!release)
        return xstrdup("the release of the guest is not known");
    if (!version_order_of(release) || (kind && version_order_of(release) != version_order_of(kind)))
        return xasprintf("scanner '%s' does not know the packages of '%s'", s->scanner->name,
                         release);
    if (!has_data(s, release))
        return xasprintf("the vulnerability data does not speak of '%s'", release);
    return NULL;
}

int scanning_run(const struct scanning *s, const struct package_list *packages, const char *release,
                 const struct stop *stop, struct finding_list *ret, struct err **err)
{
    AUTO_FREE struct scan_file *files = xcalloc(s->file_count + 1, sizeof(*files));
    struct scan_task t = {
        .packages = packages,
        .release = release,
        .vulns = s->vulns,
        .files = files,
        .order = version_order_of(release),
        .stop = stop,
    };

    for (size_t i = 0; i < s->file_count; i++) {
        if (is_for(&s->files[i], release))
            files[t.file_count++] = s->files[i];
    }
    return s->scanner->scan(&t, ret, err) < 0 ? err_wrap(err, "scanner '%s'", s->scanner->name) : 0;
}

json_t *scanning_json(const struct scanning *s)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:O, s:o}", "scanner", s->scanner->name, "version",
                     s->version, "parameters", s->scanner->parameters, "digest", s->digest, "feeds",
                     s->feeds, "rows",
                     s->vulns ? json_integer((json_int_t)vulns_count(s->vulns)) : json_null());
}
