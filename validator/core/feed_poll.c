/* Looking whether the data of feeds has changed, fetching and importing it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/feed.h"
#include "core/feed_import.h"
#include "core/feed_work.h"
#include "core/site.h"
#include "ports/archive.h"
#include "ports/feed.h"
#include "ports/http.h"
#include "store/blob.h"
#include "store/store.h"

enum { TREE_FILES_MAX = 2000000, TREE_RATIO_MAX = 200 };
#define FETCH_MAX (2LL << 30)

struct poll {
    const struct site *site;
    int64_t id;
    char *kind, *source, *release, *digest;
    char *etag, *modified; /* of the answer that was imported last; new ones after a fetch */
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
    free(p->etag);
    free(p->modified);
}
#define AUTO_POLL __attribute__((cleanup(poll_release))) struct poll

static int load(const struct site *site, const char *name, struct poll *ret, struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id, kind, source, release, digest, etag, modified FROM feed"
                               " WHERE name = ?",
                               ARGS(A_TEXT(name)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc <= 0)
        return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "there is no feed '%s'", name);
    *ret = (struct poll){
        .site = site,
        .id = query_int(q, 0),
        .kind = xstrdup(query_text(q, 1)),
        .source = xstrdup(query_text(q, 2)),
        .release = xstrdup(query_text(q, 3)),
        .digest = xstrdup(query_text(q, 4)),
        .etag = xstrdup(query_text(q, 5)),
        .modified = xstrdup(query_text(q, 6)),
        .format = feed_format_of(site, query_text(q, 1)),
    };
    return ret->format ? 0 : feed_unknown_kind(site, ret->kind, err);
}

/* The digest of a tree is that of the list of its files. */
static int digest_of(const char *path, char ret[DIGEST_HEX_SIZE], struct err **err)
{
    AUTO_STRV files = { 0 };
    AUTO_DIGEST d = digest_new();

    if (!dir_exists(path))
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

    *ret = p->format->takes_tree && !dir_exists(path) && str_ends(path, ".zip");
    if (!*ret)
        return 0;
    limits.max_files = TREE_FILES_MAX;
    limits.max_ratio = TREE_RATIO_MAX;
    return p->site->archive->unpack(path, dir, &limits, p->site->stop, err);
}

/* Into DIR/feeds, where one that was cut off is found again.  *ret is NULL when nothing changed. */
static int fetch(struct poll *p, char **ret, struct err **err)
{
    AUTO_FREE char *dir = path_join(p->site->dir, "feeds");
    AUTO_FREE char *to = xasprintf("%s/%lld-%s", dir, (long long)p->id, path_base(p->source));
    struct http_get get = HTTP_GET_DEFAULT;
    AUTO_HTTP_ANSWER answer = { 0 };

    if (!p->site->http)
        return err_set(err, ERR_IO, "cannot fetch '%s': nothing here can", p->source);
    if (dir_make(dir, 0700, err) < 0)
        return -1;
    get.url = p->source;
    get.to = to;
    get.max_bytes = FETCH_MAX;
    get.etag = p->etag;
    get.modified = p->modified;
    get.stop = p->site->stop;
    if (p->site->http->ops->get(p->site->http, &get, &answer, err) < 0)
        return -1;
    free(p->etag);
    free(p->modified);
    p->etag = TAKE(answer.etag);
    p->modified = TAKE(answer.modified);
    *ret = answer.unchanged ? NULL : TAKE(to);
    return 0;
}

/* Where the data lies on this host; NULL when it is known to be what was imported. */
static int locate(struct poll *p, char **ret, struct err **err)
{
    static const char file[] = "file://";

    if (str_starts(p->source, file))
        *ret = xstrdup(p->source + strlen(file));
    else if (strstr(p->source, "://"))
        return fetch(p, ret, err);
    else
        *ret = xstrdup(p->source);
    return 0;
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

static bool is_kept(const struct poll *p, const char *digest)
{
    AUTO_ERR ignored = NULL;

    return blob_check(p->site->blobs, digest, &ignored) == 0;
}

/* Scanners read the file itself.  Before it is imported: what the database says is there, is. */
static int keep(const struct poll *p, const char *path, const char *digest, struct err **err)
{
    char hex[DIGEST_HEX_SIZE];
    int64_t size;

    if (dir_exists(path))
        return err_set(err, ERR_INVALID, "'%s' is a directory, but data of kind '%s' is one file",
                       path, p->kind);
    if (blob_put_file(p->site->blobs, path, hex, &size, err) < 0)
        return -1;
    return str_eq(hex, digest)
               ? 0
               : err_set(err, ERR_CONFLICT, "'%s' was changed while it was read", path);
}

static int take(struct poll *p, const char *path, struct err **err)
{
    AUTO_TEMPDIR scratch = dir_temp(p->site->dir, "feed-", err);
    char digest[DIGEST_HEX_SIZE];

    if (!scratch || digest_of(path, digest, err) < 0)
        return -1;
    if (str_eq(p->digest, digest) && (!p->format->keeps || is_kept(p, digest)))
        return 0;
    return p->format->keeps && keep(p, path, digest, err) < 0
               ? -1
               : import(p, path, scratch, digest, err);
}

/* What the server said of the data counts only when the data was taken. */
static int poll_one(struct poll *p, struct err **err)
{
    AUTO_FREE char *path = NULL;

    if (locate(p, &path, err) < 0 || (path && take(p, path, err) < 0))
        return -1;
    if (path && strstr(p->source, "://") && !str_starts(p->source, "file:"))
        remove(path);
    return store_exec(
               p->site->store, "UPDATE feed SET polled = ?, etag = ?, modified = ? WHERE id = ?",
               ARGS(A_INT(clock_wall_ms()), A_TEXT(p->etag), A_TEXT(p->modified), A_INT(p->id)),
               err) < 0
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

    if (!feeds || (only && feed_find(site, only, &id, err) < 0))
        return NULL;
    json_array_foreach(feeds, i, feed)
    {
        const char *name = json_str_at(feed, "name");
        if ((!only || str_eq(only, name)) && poll_name(site, name, report, err) < 0)
            return NULL;
    }
    return json_incref(report);
}
