/* Downloads of patch sources: the release, and files whose digests it gives. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/patch_source_work.h"
#include "core/site.h"
#include "ports/signature.h"
#include "store/blob.h"

enum { RELEASE_BYTES = 16 << 20, SIGNATURE_BYTES = 1 << 20, SLACK = 64 << 20 };

/* --- the work ------------------------------------------------------------------------------- */

int source_work_open(struct source_work *w, const struct site *site, const char *name,
                     const struct patch_source_progress *progress, struct err **err)
{
    AUTO_FREE char *sources = path_join(site->dir, "sources");

    w->site = site;
    w->progress = progress;
    if (patch_source_find(site, name, &w->source, err) < 0)
        return -1;
    w->dir = path_join(sources, w->source.spec.name);
    AUTO_FREE char *lock = path_join(w->dir, "lock");
    if (dir_make(w->dir, 0700, err) < 0)
        return -1;
    w->lock = file_lock(lock, /* wait= */ false, err);
    if (w->lock < 0 && (*err)->code == ERR_CONFLICT) {
        err_clear(err);
        return err_set(err, ERR_CONFLICT, "another process works with patch source '%s'", name);
    }
    if (w->lock < 0)
        return -1;
    /* Again: it may have been polled or removed before the lock was ours. */
    patch_source_release(&w->source);
    return patch_source_find(site, name, &w->source, err);
}

void source_work_release(struct source_work *w)
{
    patch_source_release(&w->source);
    fd_closep(&w->lock);
    free(w->dir);
    *w = (struct source_work)SOURCE_WORK_NONE;
}

void source_step(const struct source_work *w, const char *what)
{
    if (w->progress && w->progress->step)
        w->progress->step(w->progress->arg, what, -1);
}

char *source_url(const struct source_work *w, const char *path)
{
    return xasprintf("%s/%s", w->source.spec.uri, path);
}

char *source_file_path(const struct source_work *w, const char *name)
{
    return path_join(w->dir, name);
}

static void on_bytes(void *arg, int64_t got, int64_t total)
{
    struct source_work *w = arg;

    if (w->progress && w->progress->step && total > 0)
        w->progress->step(w->progress->arg, w->doing, (double)got / (double)total);
}

static int get_file(struct source_work *w, struct http_get *get, const char *doing,
                    struct http_answer *ret, struct err **err)
{
    struct http *http = w->site->http;

    w->doing = doing;
    get->stop = w->site->stop;
    get->progress = on_bytes;
    get->arg = w;
    return http->ops->get(http, get, ret, err);
}

/* --- files with a known digest -------------------------------------------------------------- */

/* 1: it is there and right, 0: not there. */
static int is_there(const struct source_file *f, struct err **err)
{
    char hex[DIGEST_HEX_SIZE];
    struct stat st;
    int64_t size;

    if (lstat(f->to, &st) < 0)
        return 0;
    if (digest_file(f->to, hex, &size, err) < 0)
        return -1;
    if (size == f->size && str_eq(hex, f->sha256))
        return 1;
    unlink(f->to);
    return 0;
}

static int check_room(const struct source_work *w, int64_t size, struct err **err)
{
    int64_t room = file_room(w->dir);

    if (room < 0 || room - SLACK >= size)
        return 0;
    AUTO_FREE char *has = unit_size(room);
    AUTO_FREE char *needs = unit_size(size);
    err_set(err, ERR_NO_ROOM, "the disk of '%s' has no room for a download: %s free, %s needed",
            w->dir, has, needs);
    return err_hint(err, "make room, or choose another state directory with --state");
}

static int download(struct source_work *w, const struct source_file *f, const char *path,
                    struct err **err)
{
    AUTO_FREE char *url = source_url(w, path);
    AUTO_FREE char *doing = xasprintf("download %s", path_base(f->path));
    AUTO_HTTP_ANSWER a = { 0 };
    struct http_get get = HTTP_GET_DEFAULT;

    get.url = url;
    get.to = f->to;
    get.max_bytes = f->size;
    get.size = f->size;
    /* What is half there belongs to the same digest, wherever it came from. */
    get.immutable = true;
    return get_file(w, &get, doing, &a, err);
}

/* By digest first: that name does not change its content while the archive is updated. */
static int download_any(struct source_work *w, const struct source_file *f, struct err **err)
{
    bool by_hash = json_is_true(json_object_get(w->source.release, "by_hash"));
    AUTO_FREE char *dir = path_dir(f->path);
    AUTO_FREE char *hashed = xasprintf("%s/by-hash/SHA256/%s", dir, f->sha256);
    AUTO_ERR e = NULL;

    if (!by_hash || !str_starts(f->path, "dists/"))
        return download(w, f, f->path, err);
    if (download(w, f, hashed, &e) == 0)
        return 0;
    if (e->code == ERR_NOT_FOUND)
        return download(w, f, f->path, err);
    *err = TAKE(e);
    return -1;
}

int source_get(struct source_work *w, const struct source_file *f, struct err **err)
{
    char hex[DIGEST_HEX_SIZE];
    int there = is_there(f, err);

    if (there != 0)
        return there > 0 ? 0 : -1;
    if (check_room(w, f->size, err) < 0 || download_any(w, f, err) < 0
        || digest_file(f->to, hex, NULL, err) < 0)
        return -1;
    if (str_eq(hex, f->sha256))
        return 0;
    unlink(f->to);
    err_set(err, ERR_INVALID, "'%s' is not what the signed release lists: its sha256 is %s, not %s",
            f->path, hex, f->sha256);
    return err_hint(err, "the mirror is being updated or its files were changed; try again later");
}

/* --- the release ---------------------------------------------------------------------------- */

static int get_plain(struct source_work *w, const char *name, int64_t max, bool conditional,
                     struct http_answer *ret, struct err **err)
{
    AUTO_FREE char *path = xasprintf("dists/%s/%s", w->source.spec.suite, name);
    AUTO_FREE char *url = source_url(w, path);
    AUTO_FREE char *to = source_file_path(w, name);
    struct http_get get = HTTP_GET_DEFAULT;

    get.url = url;
    get.to = to;
    get.max_bytes = max;
    if (conditional) {
        get.etag = json_str_at(w->source.release, "etag");
        get.modified = json_str_at(w->source.release, "modified");
    }
    return get_file(w, &get, name, ret, err);
}

static int verify(struct source_work *w, const char *file, const char *signed_file,
                  struct source_release *ret, struct err **err)
{
    AUTO_FREE char *keyring = blob_path(w->site->blobs, w->source.keyring);
    AUTO_FREE char *path = source_file_path(w, file);
    AUTO_FREE char *other = signed_file ? source_file_path(w, signed_file) : NULL;
    const struct signature_check check = {
        .keyring = keyring,
        .file = path,
        .signed_file = other,
        .fingerprints = &w->source.spec.fingerprints,
        .max = RELEASE_MAX_BYTES,
        .stop = w->site->stop,
    };

    if (blob_check(w->site->blobs, w->source.keyring, err) < 0)
        return err_wrap(err, "the keyring");
    if (w->site->signature->verify(&check, &ret->text, &ret->len, &ret->signers, err) < 0)
        return err_wrap(err, "%s of suite '%s'", file, w->source.spec.suite);
    return 0;
}

static int get_detached(struct source_work *w, struct source_release *ret, struct err **err)
{
    AUTO_HTTP_ANSWER text = { 0 }, signature = { 0 };

    if (get_plain(w, "Release", RELEASE_BYTES, false, &text, err) < 0
        || get_plain(w, "Release.gpg", SIGNATURE_BYTES, false, &signature, err) < 0)
        return err_wrap(err, "there is no InRelease either");
    return verify(w, "Release.gpg", "Release", ret, err);
}

int source_get_release(struct source_work *w, struct source_release *ret, struct err **err)
{
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    if (get_plain(w, "InRelease", RELEASE_BYTES, true, &a, &e) == 0) {
        ret->unchanged = a.unchanged;
        ret->etag = TAKE(a.etag);
        ret->modified = TAKE(a.modified);
        return a.unchanged ? 0 : verify(w, "InRelease", NULL, ret, err);
    }
    if (e->code == ERR_NOT_FOUND)
        return get_detached(w, ret, err);
    *err = TAKE(e);
    return -1;
}

void source_release_release(struct source_release *r)
{
    free(r->text);
    free(r->etag);
    free(r->modified);
    strv_release(&r->signers);
    *r = (struct source_release){ 0 };
}
