/* Images in the store: finding, showing and removing them; see image.h. */
#include "core/image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/emergency.h"
#include "core/image_disk.h"
#include "core/image_warm.h"
#include "core/server.h"
#include "core/site.h"
#include "store/store.h"

enum { PREFIX_MIN = 8 };

#define COLUMNS "SELECT id, name, digest, spec, created, removed FROM image "

/* What is there before what was removed; of these the newest: that is the one which is meant. */
#define BEST_FIRST " ORDER BY removed IS NOT NULL, created DESC, id DESC"

void image_release(struct image *i)
{
    free(i->name);
    free(i->digest);
    free(i->disk);
    free(i->warm);
    json_decref(i->record);
    command_release(&i->ready);
    *i = (struct image){ 0 };
}

static int read_firmware(const json_t *record, enum firmware *ret)
{
    const char *name = json_str_at(record, "firmware");

    for (int i = 0; name && firmware_names[i]; i++) {
        if (str_eq(firmware_names[i], name)) {
            *ret = (enum firmware)i;
            return 0;
        }
    }
    return -1;
}

static int read_record(struct image *i, const char *text, struct err **err)
{
    int64_t vcpus;

    i->record = json_parse(text, strlen(text), NODE_MAX_BYTES, "image record", err);
    if (!i->record)
        return -1;
    vcpus = json_int_at(i->record, "vcpus");
    i->memory = json_int_at(i->record, "memory");
    if (read_firmware(i->record, &i->firmware) < 0 || i->memory <= 0 || vcpus <= 0
        || vcpus > INT32_MAX)
        return err_set(err, ERR_INVALID, "it does not say what the guest needs");
    i->vcpus = (int)vcpus;
    i->packages = json_str_at(i->record, "packages");
    command_from_json(json_object_get(i->record, "ready"), &i->ready);
    return 0;
}

static int read_row(const struct site *site, struct query *q, struct image *ret, struct err **err)
{
    AUTO_IMAGE i = {
        .id = query_int(q, 0),
        .name = xstrdup(query_text(q, 1)),
        .digest = xstrdup(query_text(q, 2)),
        .created = query_int(q, 4),
        .removed = !query_is_null(q, 5),
    };

    i.disk = image_disk_path(site, i.digest);
    AUTO_FREE char *warm = image_warm_path(site, i.digest);
    if (file_exists(warm))
        i.warm = TAKE(warm);
    if (read_record(&i, query_text(q, 3), err) < 0) {
        (*err)->code = ERR_CORRUPT;
        return err_wrap(err, "image '%s'", i.name);
    }
    *ret = i;
    i = (struct image){ 0 };
    return 0;
}

int image_by_id(const struct site *site, int64_t id, struct image *ret, struct err **err)
{
    AUTO_QUERY q = store_query(site->store, COLUMNS "WHERE id = ?", ARGS(A_INT(id)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no image %" PRId64, id);
    return read_row(site, q, ret, err);
}

/* --- finding -------------------------------------------------------------------------------- */

static int not_found(const char *which, struct err **err)
{
    AUTO_FREE char *shown = str_printable(which, strlen(which), false);

    err_set(err, ERR_NOT_FOUND, "there is no image '%s'", shown);
    return err_hint(err, "'patchlab image list' shows what there is");
}

int image_of_server(const struct site *site, const char *server, struct image *ret,
                    struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               COLUMNS
                               "WHERE removed IS NULL AND id IN"
                               " (SELECT image FROM image_server WHERE server = ?)" BEST_FIRST,
                               ARGS(A_TEXT(server)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc > 0)
        return read_row(site, q, ret, err);
    AUTO_FREE char *shown = str_printable(server, strlen(server), false);
    err_set(err, ERR_NOT_FOUND, "no image stands for the server '%s'", shown);
    return err_hint(err, "'patchlab image list' shows which servers have one");
}

static bool is_prefix(const char *which)
{
    size_t len = strlen(which);

    return len >= PREFIX_MIN && len < DIGEST_HEX_SIZE && strspn(which, "0123456789abcdef") == len;
}

/* One disk may have several names, but a prefix must not mean several disks. */
static int check_unique(const struct site *site, const char *prefix, bool removed_too,
                        struct err **err)
{
    int64_t disks;

    if (store_int(site->store,
                  "SELECT count(DISTINCT digest) FROM image"
                  " WHERE substr(digest, 1, length(?1)) = ?1 AND (?2 OR removed IS NULL)",
                  ARGS(A_TEXT(prefix), A_INT(removed_too)), 0, &disks, err)
        < 0)
        return -1;
    if (disks <= 1)
        return 0;
    err_set(err, ERR_INVALID, "%" PRId64 " images have a digest that begins with '%s'", disks,
            prefix);
    return err_hint(err, "give more digits of the digest");
}

/* 1: found. */
static int look_up(const struct site *site, const char *sql, const char *which, bool removed_too,
                   struct image *ret, struct err **err)
{
    AUTO_QUERY q = store_query(site->store, sql, ARGS(A_TEXT(which), A_INT(removed_too)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc <= 0)
        return rc;
    return read_row(site, q, ret, err) < 0 ? -1 : 1;
}

static const char by_name[] = COLUMNS "WHERE name = ?1 AND (?2 OR removed IS NULL)" BEST_FIRST;
static const char by_prefix[] = COLUMNS
    "WHERE substr(digest, 1, length(?1)) = ?1 AND (?2 OR removed IS NULL)" BEST_FIRST;

static int find(const struct site *site, const char *which, bool removed_too, struct image *ret,
                struct err **err)
{
    int rc = look_up(site, by_name, which, removed_too, ret, err);

    if (rc != 0 || !is_prefix(which))
        return rc;
    if (check_unique(site, which, removed_too, err) < 0)
        return -1;
    return look_up(site, by_prefix, which, removed_too, ret, err);
}

int image_find(const struct site *site, const char *which, bool removed_too, struct image *ret,
               struct err **err)
{
    AUTO_IMAGE gone = { 0 };
    int rc = find(site, which, removed_too, ret, err);

    if (rc == 0 && !removed_too)
        rc = find(site, which, /* removed_too= */ true, &gone, err);
    else if (rc > 0)
        return 0;
    if (rc <= 0)
        return rc < 0 ? -1 : not_found(which, err);
    err_set(err, ERR_NOT_FOUND, "the disk of image '%s' was removed", gone.name);
    return err_hint(err, "build or import the image again");
}

/* --- showing -------------------------------------------------------------------------------- */

static json_t *size_on_disk(const struct image *i)
{
    struct stat st;

    if (i->removed || stat(i->disk, &st) != 0)
        return json_null();
    return json_integer((json_int_t)st.st_blocks * 512);
}

json_t *image_json(const struct image *i)
{
    json_t *j = json_pack(
        "{s:I, s:s, s:s, s:I, s:b, s:o, s:o}", "id", (json_int_t)i->id, "name", i->name, "digest",
        i->digest, "created", (json_int_t)i->created, "removed", i->removed, "disk",
        i->removed ? json_null() : json_text(i->disk), "disk_size", size_on_disk(i));

    json_object_update_missing(j, i->record);
    return j;
}

json_t *image_list(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store, COLUMNS "ORDER BY name, created DESC, id DESC", NO_ARGS,
                               err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        AUTO_IMAGE i = { 0 };
        if (read_row(site, q, &i, err) < 0)
            return NULL;
        AUTO_JSON *servers = server_list_of_image(site, i.id, err);
        if (!servers)
            return NULL;
        json_t *j = image_json(&i);
        json_object_set_new(j, "servers", names_of_servers(servers));
        json_array_append_new(list, j);
    }
    return rc < 0 ? NULL : json_incref(list);
}

/* --- removing ------------------------------------------------------------------------------- */

static int check_unused(const struct site *site, const struct image *i, struct err **err)
{
    int64_t run;

    if (store_int(site->store,
                  "SELECT min(id) FROM run WHERE image = ? AND state NOT IN ('done', 'broken')",
                  ARGS(A_INT(i->id)), 0, &run, err)
        < 0)
        return -1;
    if (run == 0)
        return 0;
    err_set(err, ERR_CONFLICT, "image '%s' is used by run %" PRId64 ", which has not ended",
            i->name, run);
    return err_hint(err, "wait for it, or end it with 'patchlab run cancel %" PRId64 "'", run);
}

/* *ret_last: no other name needs the disk. */
static int mark_removed(const struct site *site, const struct image *i, bool *ret_last,
                        struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);
    int64_t others;

    if (!tx || check_unused(site, i, err) < 0)
        return -1;
    if (store_exec(tx, "UPDATE image SET removed = ? WHERE id = ? AND removed IS NULL",
                   ARGS(A_INT(clock_wall_ms()), A_INT(i->id)), err)
            < 0
        || store_int(tx, "SELECT count(*) FROM image WHERE digest = ? AND removed IS NULL",
                     ARGS(A_TEXT(i->digest)), 0, &others, err)
               < 0
        || tx_commit(&tx, err) < 0)
        return -1;
    *ret_last = others == 0;
    return 0;
}

/* The row first: should we die in between, a file is left over and nothing is missing. */
int image_remove(const struct site *site, const struct image *i, struct err **err)
{
    AUTO_FD lock = image_disks_lock(site, err);
    bool last;

    if (lock < 0 || mark_removed(site, i, &last, err) < 0)
        return -1;
    if (last && unlink(i->disk) != 0 && errno != ENOENT)
        return err_set_errno(err, errno, "cannot remove '%s'", i->disk);
    return last && i->warm ? dir_remove(i->warm, err) : 0;
}
