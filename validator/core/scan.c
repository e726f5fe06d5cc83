/* Scans of what was recorded, with today's data, and what is urgent about it. */
#include "core/scan.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/emergency.h"
#include "core/finding.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/packages.h"
#include "core/scanning.h"
#include "core/server.h"
#include "core/site.h"
#include "core/vulns.h"
#include "store/store.h"

struct scan {
    const struct site *site;
    const char *scanner;
    struct scanning scanning;
    struct query *exploited, *likelihood;
};

static void scan_release(struct scan *s)
{
    scanning_release(&s->scanning);
    query_free(s->exploited);
    query_free(s->likelihood);
}
#define AUTO_SCAN __attribute__((cleanup(scan_release))) struct scan

/* Asks a statement that is prepared once about a CVE. */
static int ask(const struct scan *s, struct query **q, const char *sql, const char *cve,
               struct err **err)
{
    if (!*q)
        *q = store_query(s->site->store, sql, ARGS(A_TEXT(cve)), err);
    else if (query_again(*q, ARGS(A_TEXT(cve)), err) < 0)
        return -1;
    return *q ? query_step(*q, err) : -1;
}

static json_t *exploited_json(struct query *q)
{
    json_t *x = json_pack("{s:o, s:o, s:o, s:b}", "name", json_text(query_text(q, 0)), "added",
                          json_text(query_text(q, 1)), "due", json_text(query_text(q, 2)),
                          "ransomware", query_int(q, 3) != 0);

    exploited_judge(x, NOT_KNOWN);
    return x;
}

static int add_threat(struct scan *s, const struct finding *f, json_t *list, struct err **err)
{
    AUTO_JSON *j = finding_json(f);
    int known = ask(s, &s->exploited,
                    "SELECT name, added, due, ransomware FROM exploited WHERE cve = ? LIMIT 1",
                    f->id, err);

    if (known < 0)
        return -1;
    json_object_set_new(j, "exploited", known ? exploited_json(s->exploited) : json_null());
    int scored = ask(s, &s->likelihood, "SELECT max(score) FROM likelihood WHERE cve = ?", f->id,
                     err);
    if (scored < 0)
        return -1;
    bool none = query_is_null(s->likelihood, 0);
    json_object_set_new(j, "likelihood",
                        none ? json_null()
                             : json_real((double)query_int(s->likelihood, 0) / 100000));
    json_array_append(list, j);
    return 0;
}

/* Loads the data at the first use. */
static int scan_open(struct scan *s, struct err **err)
{
    return s->scanning.scanner ? 0 : scanning_load(s->site, s->scanner, NULL, &s->scanning, err);
}

static int check(const struct scanning *s, const struct package_list *packages, const char *release,
                 struct err **err)
{
    AUTO_FREE char *why_not = scanning_why_not(s, packages, release);

    if (!why_not)
        return 0;
    err_set(err, ERR_NOT_FOUND, "%s", why_not);
    if (scanning_is_empty(s))
        err_hint(err, "'patchlab feed add' and 'patchlab feed poll' bring some");
    return -1;
}

static json_t *scan_list(struct scan *s, const struct package_list *packages, struct err **err)
{
    AUTO_FREE char *release = release_of(packages);
    const struct scanning *scanning = &s->scanning;
    AUTO_JSON *list = json_array();
    AUTO_FINDING_LIST found = { 0 };

    if (scan_open(s, err) < 0 || check(scanning, packages, release, err) < 0
        || scanning_run(scanning, packages, release, s->site->stop, &found, err) < 0)
        return NULL;
    for (size_t i = 0; i < found.len; i++) {
        if (add_threat(s, &found.ptr[i], list, err) < 0)
            return NULL;
    }
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:{s:s, s:O}, s:O}", "release", release, "packages",
                     (json_int_t)packages->len, "scanner", scanning->scanner->name, "version",
                     scanning->version, "parameters", scanning->scanner->parameters, "data",
                     "digest", scanning->digest, "feeds", scanning->feeds, "findings", list);
}

json_t *scan_packages(const struct site *site, const struct package_list *packages,
                      const char *scanner, struct err **err)
{
    AUTO_SCAN s = { .site = site, .scanner = scanner };
    json_t *j = scan_list(&s, packages, err);

    if (j) {
        json_object_set_new(j, "run", json_null());
        json_object_set_new(j, "image", json_null());
    }
    return j;
}

json_t *scan_run(const struct site *site, int64_t run, const char *scanner, struct err **err)
{
    AUTO_SCAN s = { .site = site, .scanner = scanner };
    AUTO_PACKAGE_LIST packages = { 0 };
    int64_t exists;

    if (store_int(site->store, "SELECT count(*) FROM run WHERE id = ?", ARGS(A_INT(run)), 0,
                  &exists, err)
        < 0)
        return NULL;
    if (!exists) {
        err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)run);
        return NULL;
    }
    if (package_list_of_run(site, run, &packages, err) < 0)
        return NULL;
    json_t *j = scan_list(&s, &packages, err);
    if (j) {
        json_object_set_new(j, "run", json_integer((json_int_t)run));
        json_object_set_new(j, "image", json_null());
    }
    return j;
}

static json_t *scan_one_image(struct scan *s, const struct image *i, struct err **err)
{
    AUTO_PACKAGE_LIST packages = { 0 };
    int64_t run;

    if (image_packages(s->site, i, &packages, &run, err) < 0)
        return NULL;
    json_t *j = scan_list(s, &packages, err);
    if (j) {
        json_object_set_new(j, "run", run ? json_integer((json_int_t)run) : json_null());
        json_object_set_new(j, "image",
                            json_pack("{s:s, s:s}", "name", i->name, "digest", i->digest));
    }
    return j;
}

/* Whom the image stands for, and what that means for the deadlines. */
static int add_servers(const struct site *site, const struct image *i, json_t *scan,
                       struct err **err)
{
    AUTO_JSON *servers = server_list_of_image(site, i->id, err);
    const json_t *f;
    size_t k;

    if (!servers)
        return -1;
    json_array_foreach(json_object_get(scan, "findings"), k, f)
    {
        json_t *x = json_object_get(f, "exploited");
        if (json_is_object(x))
            exploited_judge(x, exposure_of_servers(servers));
    }
    json_object_set_new(scan, "exposure", json_text(exposure_widest(servers)));
    json_object_set_new(scan, "servers", names_of_servers(servers));
    return 0;
}

json_t *scan_image(const struct site *site, const struct image *i, const char *scanner,
                   struct err **err)
{
    AUTO_SCAN s = { .site = site, .scanner = scanner };
    AUTO_JSON *scan = scan_one_image(&s, i, err);

    return scan && add_servers(site, i, scan, err) == 0 ? json_incref(scan) : NULL;
}

/* --- emergencies ----------------------------------------------------------------------------- */

struct emergencies {
    struct scan scan;
    char today[CLOCK_TEXT_SIZE];
    json_t *list;
};

/* Of what nothing can be said, there is no emergency.  Takes `scan`, and `e` when that is NULL. */
static int take_scan(struct emergencies *x, const char *image, const json_t *servers, json_t *scan,
                     struct err *e, struct err **err)
{
    AUTO_JSON *owned = scan;
    AUTO_ERR why_not = e;

    if (owned) {
        emergencies_add(x->list, image, servers, owned, x->today);
    } else if (why_not->code != ERR_NOT_FOUND) {
        *err = TAKE(why_not);
        return -1;
    }
    return 0;
}

/* Servers that told a list of packages themselves are looked at by that. */
static int add_image(struct emergencies *x, int64_t id, struct err **err)
{
    AUTO_IMAGE i = { 0 };
    struct err *e = NULL;

    if (image_by_id(x->scan.site, id, &i, err) < 0)
        return -1;
    AUTO_JSON *all = server_list_of_image(x->scan.site, id, err);
    if (!all)
        return -1;
    AUTO_JSON *servers = servers_without_list(all);
    json_t *scan = scan_one_image(&x->scan, &i, &e);
    return take_scan(x, i.name, servers, scan, e, err);
}

static int add_images(struct emergencies *x, struct err **err)
{
    /* Of each name the newest image that is there. */
    AUTO_QUERY q = store_query(x->scan.site->store,
                               "SELECT id FROM image i WHERE removed IS NULL AND NOT EXISTS"
                               " (SELECT 1 FROM image n WHERE n.name = i.name AND"
                               " n.removed IS NULL AND (n.created, n.id) > (i.created, i.id))"
                               " ORDER BY name",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (add_image(x, query_int(q, 0), err) < 0)
            return -1;
    }
    return rc;
}

/* All servers that told the very same list. */
static int add_told(struct emergencies *x, const char *digest, const json_t *servers,
                    struct err **err)
{
    AUTO_PACKAGE_LIST packages = { 0 };
    struct err *e = NULL;

    if (package_list_get(x->scan.site, digest, &packages, err) < 0)
        return err_wrap(err, "the packages of server '%s'",
                        json_str_at(json_array_get(servers, 0), "name"));
    json_t *scan = scan_list(&x->scan, &packages, &e);
    return take_scan(x, /* image= */ NULL, servers, scan, e, err);
}

json_t *scan_emergencies(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_JSON *told = server_lists(site, err);
    struct emergencies x = { .scan = { .site = site }, .list = list };
    const char *digest;
    json_t *servers;

    clock_text(clock_wall_ms(), x.today);
    x.today[strlen("2026-11-24")] = '\0';
    int rc = told ? add_images(&x, err) : -1;
    json_object_foreach(told, digest, servers)
    {
        if (rc == 0)
            rc = add_told(&x, digest, servers, err);
    }
    scan_release(&x.scan);
    return rc < 0 ? NULL : emergencies_sorted(list);
}
