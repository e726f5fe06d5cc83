/* Feeds: the list of them, and looking whether their data changed. */
#include "core/feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/decode.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/feed_import.h"
#include "core/site.h"
#include "core/version.h"
#include "ports/archive.h"
#include "ports/feed.h"
#include "store/store.h"

enum { TREE_FILES_MAX = 2000000, TREE_RATIO_MAX = 200 };

static const struct feed_format *format_of(const struct site *site, const char *kind)
{
    for (size_t i = 0; site->feeds && site->feeds[i]; i++) {
        if (str_eq(site->feeds[i]->kind, kind))
            return site->feeds[i];
    }
    return NULL;
}

static int unknown_kind(const struct site *site, const char *kind, struct err **err)
{
    AUTO_STRV kinds = { 0 };

    for (size_t i = 0; site->feeds && site->feeds[i]; i++)
        strv_add(&kinds, site->feeds[i]->kind);
    AUTO_FREE char *known = strv_join(&kinds, ", ");
    AUTO_FREE char *shown = str_printable(kind, strlen(kind), false);
    err_set(err, ERR_INVALID, "'%s' is no kind of feed", shown);
    return err_hint(err, "these are known: %s", known);
}

static int check_spec(const struct site *site, const struct feed_spec *spec, struct err **err)
{
    const struct feed_format *format = format_of(site, spec->kind);

    if (!name_is_valid(spec->name)) {
        AUTO_FREE char *shown = str_printable(spec->name, strlen(spec->name), false);
        return err_set(err, ERR_INVALID, "'%s' is no name for a feed", shown);
    }
    if (!format)
        return unknown_kind(site, spec->kind, err);
    if (format->needs_release && !spec->release) {
        err_set(err, ERR_INVALID, "data of kind '%s' does not say which release it is for",
                spec->kind);
        return err_hint(err, "give it with --release, as in 'Debian:12'");
    }
    if (spec->release && !version_order_of(spec->release)) {
        AUTO_FREE char *shown = str_printable(spec->release, strlen(spec->release), false);
        err_set(err, ERR_INVALID, "'%s' is no release that is known", shown);
        return err_hint(err, "it is written as OSV does: 'Debian:12', 'Ubuntu:24.04:LTS'");
    }
    return 0;
}

int feed_add(const struct site *site, const struct feed_spec *spec, int64_t *ret_id,
             struct err **err)
{
    bool remote = strstr(spec->source, "://");
    AUTO_FREE char *source = NULL;
    AUTO_ERR e = NULL;

    if (check_spec(site, spec, err) < 0)
        return -1;
    source = remote ? xstrdup(spec->source) : path_absolute(spec->source, err);
    if (!source)
        return -1;
    if (store_exec(site->store,
                   "INSERT INTO feed (name, kind, source, release, created) VALUES (?, ?, ?, ?, ?)",
                   ARGS(A_TEXT(spec->name), A_TEXT(spec->kind), A_TEXT(source),
                        A_TEXT(spec->release), A_INT(clock_wall_ms())),
                   &e)
        >= 0) {
        *ret_id = store_last_id(site->store);
        return 0;
    }
    if (e->code == ERR_CONFLICT)
        return err_set(err, ERR_CONFLICT, "there is a feed '%s' already", spec->name);
    *err = TAKE(e);
    return -1;
}

static int find(const struct site *site, const char *name, int64_t *ret, struct err **err)
{
    if (store_int(site->store, "SELECT id FROM feed WHERE name = ?", ARGS(A_TEXT(name)), 0, ret,
                  err)
        < 0)
        return -1;
    if (*ret == 0) {
        AUTO_FREE char *shown = str_printable(name, strlen(name), false);
        return err_set(err, ERR_NOT_FOUND, "there is no feed '%s'", shown);
    }
    return 0;
}

int feed_remove(const struct site *site, const char *name, struct err **err)
{
    static const char *const statements[] = {
        "DELETE FROM affected WHERE feed = ?",  "DELETE FROM advisory WHERE feed = ?",
        "DELETE FROM exploited WHERE feed = ?", "DELETE FROM likelihood WHERE feed = ?",
        "DELETE FROM feed WHERE id = ?",
    };
    AUTO_TX tx = tx_begin(site->store, err);
    int64_t id;

    if (!tx || find(site, name, &id, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        if (store_exec(tx, statements[i], ARGS(A_INT(id)), err) < 0)
            return -1;
    }
    return tx_commit(&tx, err);
}

#define FEED_COLUMNS \
    "SELECT name, kind, source, release, digest, dated, imported, polled, records, id FROM feed"

static json_t *int_or_null(struct query *q, int column)
{
    return query_is_null(q, column) ? json_null() : json_integer((json_int_t)query_int(q, column));
}

json_t *feed_list(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store, FEED_COLUMNS " ORDER BY name", NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "name", query_text(q, 0),
                      "kind", query_text(q, 1), "source", json_text(query_text(q, 2)), "release",
                      json_text(query_text(q, 3)), "digest", json_text(query_text(q, 4)), "dated",
                      json_text(query_text(q, 5)), "imported", int_or_null(q, 6), "polled",
                      int_or_null(q, 7), "records", (json_int_t)query_int(q, 8)));
    return rc < 0 ? NULL : json_incref(list);
}

struct poll {
    const struct site *site;
    int64_t id;
    char *kind, *source, *release, *digest;
    const struct feed_format *format;
    bool changed;
    struct feed_imported done;
};

static void poll_release(struct poll *p)
{
    free(p->kind);
    free(p->source);
    free(p->release);
    free(p->digest);
}
#define AUTO_POLL __attribute__((cleanup(poll_release))) struct poll

static int load(const struct site *site, const char *name, struct poll *ret, struct err **err)
{
    AUTO_QUERY q = store_query(site->store, FEED_COLUMNS " WHERE name = ?", ARGS(A_TEXT(name)),
                               err);
    int rc = q ? query_step(q, err) : -1;

    if (rc <= 0)
        return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "there is no feed '%s'", name);
    *ret = (struct poll){
        .site = site,
        .id = query_int(q, 9),
        .kind = xstrdup(query_text(q, 1)),
        .source = xstrdup(query_text(q, 2)),
        .release = xstrdup(query_text(q, 3)),
        .digest = xstrdup(query_text(q, 4)),
        .format = format_of(site, query_text(q, 1)),
    };
    return ret->format ? 0 : unknown_kind(site, ret->kind, err);
}

static bool is_tree(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The digest of a tree is that of the list of its files. */
static int digest_of(const char *path, char ret[DIGEST_HEX_SIZE], struct err **err)
{
    AUTO_STRV files = { 0 };
    AUTO_DIGEST d = digest_new();

    if (!is_tree(path))
        return digest_file(path, ret, NULL, err);
    if (dir_walk(path, TREE_FILES_MAX, &files, err) < 0)
        return -1;
    for (size_t i = 0; i < files.len; i++) {
        AUTO_FREE char *file = path_join(path, files.ptr[i]);
        char hex[DIGEST_HEX_SIZE];

        if (digest_file(file, hex, NULL, err) < 0)
            return -1;
        digest_add(d, hex, sizeof(hex));
        digest_add(d, files.ptr[i], strlen(files.ptr[i]) + 1);
    }
    digest_hex(d, ret);
    return 0;
}

/* A file with the first bytes of a zip is unpacked when the format takes trees. */
static int unpack(struct poll *p, const char *path, const char *dir, bool *ret, struct err **err)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    *ret = p->format->takes_tree && !is_tree(path) && str_ends(path, ".zip");
    if (!*ret)
        return 0;
    limits.max_files = TREE_FILES_MAX;
    limits.max_ratio = TREE_RATIO_MAX;
    return p->site->archive->unpack(path, dir, &limits, p->site->stop, err);
}

/* Where the data lies on this host.  The seam for what is fetched: only files, so far. */
static int locate(const struct poll *p, const char *scratch, char **ret, struct err **err)
{
    static const char file[] = "file://";

    (void)scratch;
    if (!strstr(p->source, "://") || str_starts(p->source, file)) {
        *ret = xstrdup(str_starts(p->source, file) ? p->source + strlen(file) : p->source);
        return 0;
    }
    err_set(err, ERR_INVALID, "cannot fetch '%s': only files are read", p->source);
    return err_hint(err, "download it, and add the file with --path");
}

static int import(struct poll *p, const char *path, const char *scratch, const char *digest,
                  struct err **err)
{
    bool unpacked;

    if (unpack(p, path, scratch, &unpacked, err) < 0)
        return -1;
    struct feed_import in = {
        .id = p->id,
        .path = unpacked ? scratch : path,
        .release = p->release,
        .format = p->format,
        .digest = digest,
    };
    if (feed_import(p->site, &in, &p->done, err) < 0)
        return -1;
    p->changed = true;
    return 0;
}

static int poll_one(struct poll *p, struct err **err)
{
    AUTO_TEMPDIR scratch = dir_temp(p->site->dir, "feed-", err);
    AUTO_FREE char *path = NULL;
    char digest[DIGEST_HEX_SIZE];

    if (!scratch || locate(p, scratch, &path, err) < 0 || digest_of(path, digest, err) < 0)
        return -1;
    if (!str_eq(p->digest, digest) && import(p, path, scratch, digest, err) < 0)
        return -1;
    return store_exec(p->site->store, "UPDATE feed SET polled = ? WHERE id = ?",
                      ARGS(A_INT(clock_wall_ms()), A_INT(p->id)), err)
                   < 0
               ? -1
               : 0;
}

static json_t *poll_json(const char *name, const struct poll *p, const struct err *why)
{
    const char *dated = p->done.dated[0] ? p->done.dated : NULL;

    return json_pack("{s:s, s:b, s:I, s:I, s:o, s:o}", "feed", name, "changed", p->changed,
                     "records", (json_int_t)p->done.records, "skipped", (json_int_t)p->done.skipped,
                     "dated", json_text(dated), "error", json_text(why ? why->msg : NULL));
}

/* Interrupted is not one feed's failure. */
static int poll_name(const struct site *site, const char *name, json_t *report, struct err **err)
{
    AUTO_POLL p = { 0 };
    AUTO_ERR e = NULL;
    int rc = load(site, name, &p, &e);

    if (rc == 0)
        rc = poll_one(&p, &e);
    if (rc < 0 && e->code == ERR_CANCELLED) {
        *err = TAKE(e);
        return -1;
    }
    json_array_append_new(report, poll_json(name, &p, e));
    return 0;
}

json_t *feed_poll(const struct site *site, const char *only, struct err **err)
{
    AUTO_JSON *feeds = feed_list(site, err), *report = json_array();
    const json_t *feed;
    int64_t id;
    size_t i;

    if (!feeds || (only && find(site, only, &id, err) < 0))
        return NULL;
    json_array_foreach(feeds, i, feed)
    {
        const char *name = json_str_at(feed, "name");
        if ((!only || str_eq(only, name)) && poll_name(site, name, report, err) < 0)
            return NULL;
    }
    return json_incref(report);
}
