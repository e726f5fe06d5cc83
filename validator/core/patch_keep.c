/*
 * The files of a patch into the blob store and its row into the database.
 *
 * The row comes last, so there is never a patch without its files.  Files without a patch are
 * taken back: those that were not there before.  The lock of the intake sees to it that no other
 * patch has come to rely on them meanwhile.  (A file of the user's that changes between the two
 * looks at it may leave its new version, under a digest that nobody reckoned with: a whole blob,
 * and the one that the next attempt needs.)
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/patch_intake.h"
#include "core/site.h"
#include "store/blob.h"
#include "store/store.h"

struct fresh {
    struct strv files; /* paths of blobs */
    int64_t size;
};

static void add_fresh(struct fresh *f, const struct site *site, const char *hex, int64_t size)
{
    AUTO_FREE char *path = blob_path(site->blobs, hex);

    if (file_exists(path))
        return;
    f->size += size;
    strv_add(&f->files, path);
}

/* An empty file is left out: a check that prints nothing, of a run that goes on meanwhile, would
 * miss it. */
static void find_fresh(const struct intake *in, struct fresh *f)
{
    const struct bundle *b = &in->bundle;

    for (size_t i = 0; i < b->len; i++) {
        if (b->ptr[i].size > 0)
            add_fresh(f, in->site, b->ptr[i].sha256, b->ptr[i].size);
    }
    add_fresh(f, in->site, b->digest, 0);
}

static void take_back(const struct fresh *f)
{
    for (size_t i = 0; i < f->files.len; i++)
        remove(f->files.ptr[i]);
}

static int insert(const struct site *site, const struct intake *in, const char *digest,
                  const char *text, int64_t *ret_id, bool *ret_new, struct err **err)
{
    const struct patch_spec *s = &in->spec;
    int64_t id = 0;
    AUTO_TX tx = tx_begin(site->store, err);

    if (!tx
        || store_int(tx, "SELECT id FROM patch WHERE digest = ?", ARGS(A_TEXT(digest)), 0, &id, err)
               < 0)
        return -1;
    bool new = id == 0;
    if (new) {
        if (store_exec(tx,
                       "INSERT INTO patch (name, version, kind, digest, manifest, created)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
                       ARGS(A_TEXT(s->name), A_TEXT(s->version), A_TEXT(s->kind), A_TEXT(digest),
                            A_TEXT(text), A_INT(clock_wall_ms())),
                       err)
            < 0)
            return -1;
        id = store_last_id(tx);
    }
    if (tx_commit(&tx, err) < 0)
        return -1;
    *ret_id = id;
    *ret_new = new;
    return 0;
}

static int keep(const struct intake *in, const json_t *manifest, int64_t *ret_id, bool *ret_new,
                struct err **err)
{
    const struct site *site = in->site;
    AUTO_FREE char *text = json_canonical(manifest);
    char digest[DIGEST_HEX_SIZE];

    digest_mem(text, strlen(text), digest);
    if (bundle_keep(&in->bundle, in->dir, site->blobs, err) < 0 || stop_check(site->stop, err) < 0)
        return -1;
    return insert(site, in, digest, text, ret_id, ret_new, err);
}

int intake_keep(const struct intake *in, const json_t *manifest, int64_t *ret_id, bool *ret_new,
                struct err **err)
{
    struct fresh fresh = { 0 };
    int rc = stop_check(in->site->stop, err);

    find_fresh(in, &fresh);
    if (rc == 0)
        rc = intake_room(in->site, fresh.size, err);
    if (rc == 0) {
        rc = keep(in, manifest, ret_id, ret_new, err);
        if (rc < 0)
            take_back(&fresh);
    }
    strv_release(&fresh.files);
    return rc < 0 ? err_wrap(err, "cannot keep the patch") : 0;
}
