/*
 * The row of an image.
 *
 * What a run was made with must not change behind its back: sign-offs cover the digest of the disk
 * and the queue takes the servers from the record.  So a disk that comes again under the same name
 * may say something new only while no run refers to it.
 */
#include "core/image_row.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/version.h"
#include "core/image.h"
#include "core/site.h"
#include "store/store.h"

json_t *image_record(const struct site *site, const struct image_spec *spec, json_t *origin,
                     const struct sealed_disk *disk)
{
    json_t *made = json_pack("{s:I, s:o, s:s}", "at", (json_int_t)clock_wall_ms(), "by",
                             json_text(site->user), "version", PATCHLAB_VERSION);
    json_t *represents = json_pack("{s:o, s:o}", "category", json_text(spec->category), "servers",
                                   json_strv(&spec->servers));

    return json_pack("{s:s, s:o, s:s, s:I, s:s, s:o, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "name",
                     spec->name, "description", json_text(spec->description), "format", "qcow2",
                     "virtual_size", (json_int_t)disk->virtual_size, "digest", disk->digest,
                     "origin", origin, "made", made, "firmware", firmware_names[spec->firmware],
                     "memory", (json_int_t)spec->memory, "vcpus", (json_int_t)spec->vcpus,
                     "packages", json_text(spec->packages), "ready", command_json(&spec->ready),
                     "represents", represents);
}

/* A run reads these; the others only tell people where the disk comes from. */
static bool means_the_same(const json_t *a, const json_t *b)
{
    static const char *const keys[] = { "firmware", "memory", "vcpus",
                                        "packages", "ready",  "represents" };

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (!json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i])))
            return false;
    return true;
}

static int insert(struct store *tx, const char *name, const char *digest, const char *record,
                  struct err **err)
{
    return store_exec(tx, "INSERT INTO image (name, digest, spec, created) VALUES (?, ?, ?, ?)",
                      ARGS(A_TEXT(name), A_TEXT(digest), A_TEXT(record), A_INT(clock_wall_ms())),
                      err);
}

/* `record` NULL: the old one stays. */
static int bring_back(struct store *tx, int64_t id, const char *record, struct err **err)
{
    return store_exec(tx,
                      "UPDATE image SET removed = NULL, created = ?, spec = ifnull(?, spec)"
                      " WHERE id = ?",
                      ARGS(A_INT(clock_wall_ms()), A_TEXT(record), A_INT(id)), err);
}

static int check_same(struct store *tx, int64_t id, int64_t run, const json_t *record,
                      struct err **err)
{
    AUTO_QUERY q = store_query(tx, "SELECT spec FROM image WHERE id = ?", ARGS(A_INT(id)), err);

    if (!q || query_step(q, err) < 0)
        return -1;
    const char *text = query_text(q, 0);
    AUTO_JSON *old = json_parse(text, strlen(text), NODE_MAX_BYTES, "image record", err);
    if (!old)
        return -1;
    if (means_the_same(old, record))
        return 0;
    err_set(err, ERR_CONFLICT, "run %" PRId64 " used this very disk under another description",
            run);
    return err_hint(err, "give the image another name, or describe it as before");
}

static int store_row(struct store *tx, const char *name, const char *digest, const json_t *record,
                     struct err **err)
{
    AUTO_FREE char *text = json_canonical(record);
    int64_t id, run;

    if (store_int(tx, "SELECT id FROM image WHERE name = ? AND digest = ?",
                  ARGS(A_TEXT(name), A_TEXT(digest)), 0, &id, err)
        < 0)
        return -1;
    if (id == 0)
        return insert(tx, name, digest, text, err);
    if (store_int(tx, "SELECT max(id) FROM run WHERE image = ?", ARGS(A_INT(id)), 0, &run, err) < 0)
        return -1;
    if (run == 0)
        return bring_back(tx, id, text, err);
    if (check_same(tx, id, run, record, err) < 0)
        return -1;
    return bring_back(tx, id, NULL, err);
}

int image_row_store(const struct site *site, const char *name, const char *digest,
                    const json_t *record, struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);

    if (!tx || store_row(tx, name, digest, record, err) < 0)
        return -1;
    return tx_commit(&tx, err);
}
