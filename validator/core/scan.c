/* Scans of what was recorded, with today's data, and what is urgent about it. */
#include "core/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/finding.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/packages.h"
#include "core/scanning.h"
#include "core/site.h"
#include "core/urgency.h"
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

/* The directive's own date counts when it is the earlier one. */
static json_t *exploited_json(struct query *q)
{
    /* How exposed the servers are, and what an attack needs, nobody has said. */
    enum urgency u = urgency_of(&(struct urgency_facts){ .exploited = true });
    const char *added = query_text(q, 1), *due = query_text(q, 2);
    char deadline[URGENCY_DATE_SIZE], given[URGENCY_DATE_SIZE];
    bool has = urgency_deadline(added, urgency_days(u), deadline);

    if (due && urgency_deadline(due, 0, given) && (!has || strcmp(given, deadline) < 0)) {
        memcpy(deadline, given, sizeof(given));
        has = true;
    }
    return json_pack("{s:o, s:o, s:o, s:b, s:s, s:o}", "name", json_text(query_text(q, 0)), "added",
                     json_text(added), "due", json_text(due), "ransomware", query_int(q, 3) != 0,
                     "rule", urgency_names[u], "deadline", json_text(has ? deadline : NULL));
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

json_t *scan_image(const struct site *site, const struct image *i, const char *scanner,
                   struct err **err)
{
    AUTO_SCAN s = { .site = site, .scanner = scanner };

    return scan_one_image(&s, i, err);
}

static json_t *emergency_json(const struct image *i, const json_t *finding, const char *today)
{
    const json_t *x = json_object_get(finding, "exploited");
    const char *deadline = json_str_at(x, "deadline");
    AUTO_JSON *j = json_pack(
        "{s:s, s:O?, s:O, s:O, s:O, s:O}", "image", i->name, "servers",
        json_object_get(json_object_get(i->record, "represents"), "servers"), "cve",
        json_object_get(finding, "id"), "package", json_object_get(finding, "package"), "installed",
        json_object_get(finding, "installed"), "fixed_in", json_object_get(finding, "fixed_in"));

    json_object_update(j, (json_t *)x);
    json_object_set_new(j, "overdue", json_boolean(deadline && strcmp(deadline, today) < 0));
    return json_incref(j);
}

static void add_emergencies(const struct image *i, const json_t *scan, json_t *ret)
{
    char today[CLOCK_TEXT_SIZE];
    const json_t *f;
    size_t k;

    clock_text(clock_wall_ms(), today);
    today[strlen("2026-11-24")] = '\0';
    json_array_foreach(json_object_get(scan, "findings"), k, f)
    {
        if (json_is_object(json_object_get(f, "exploited")))
            json_array_append_new(ret, emergency_json(i, f, today));
    }
}

/* An image of which nothing can be said is no emergency. */
static int scan_known(struct scan *s, int64_t id, json_t *ret, struct err **err)
{
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    if (image_by_id(s->site, id, &i, err) < 0)
        return -1;
    AUTO_JSON *scan = scan_one_image(s, &i, &e);
    if (scan) {
        add_emergencies(&i, scan, ret);
    } else if (e->code != ERR_NOT_FOUND) {
        *err = TAKE(e);
        return -1;
    }
    return 0;
}

static int by_deadline(const void *a, const void *b)
{
    const char *da = json_str_at(*(json_t *const *)a, "deadline");
    const char *db = json_str_at(*(json_t *const *)b, "deadline");

    return strcmp(da ? da : "~", db ? db : "~");
}

static json_t *sorted(const json_t *list)
{
    size_t n = json_array_size(list);
    AUTO_FREE json_t **items = xcalloc(n + 1, sizeof(*items));
    json_t *ret = json_array();

    for (size_t i = 0; i < n; i++)
        items[i] = json_array_get(list, i);
    if (n > 1)
        qsort(items, n, sizeof(*items), by_deadline);
    for (size_t i = 0; i < n; i++)
        json_array_append(ret, items[i]);
    return ret;
}

json_t *scan_emergencies(const struct site *site, struct err **err)
{
    AUTO_SCAN s = { .site = site };
    AUTO_JSON *list = json_array();
    /* Of each name the newest image that is there. */
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id FROM image i WHERE removed IS NULL AND NOT EXISTS"
                               " (SELECT 1 FROM image n WHERE n.name = i.name AND"
                               " n.removed IS NULL AND (n.created, n.id) > (i.created, i.id))"
                               " ORDER BY name",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (scan_known(&s, query_int(q, 0), list, err) < 0)
            return NULL;
    }
    return rc < 0 ? NULL : sorted(list);
}
