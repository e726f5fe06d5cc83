/* Blobs in files; a new one is complete and on disk before it gets its name. */
#include "store/blob.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define BLOB_MODE 0444

struct blobs {
    char *dir;
};

struct blobs *blobs_open(const char *dir, struct err **err)
{
    struct blobs *b;

    if (dir_make(dir, 0700, err) < 0)
        return NULL;
    b = xcalloc(1, sizeof(*b));
    b->dir = xstrdup(dir);
    return b;
}

void blobs_close(struct blobs *b)
{
    if (!b)
        return;
    free(b->dir);
    free(b);
}

char *blob_path(const struct blobs *b, const char *hex)
{
    /* A name from a document or a request must not lead out of the folder. */
    if (!digest_is_hex(hex))
        return NULL;
    return xasprintf("%s/%.2s/%s", b->dir, hex, hex);
}

static char *checked_path(const struct blobs *b, const char *hex, struct err **err)
{
    char *path = blob_path(b, hex);

    if (!path) {
        AUTO_FREE char *shown = str_printable(hex, strlen(hex), false);

        err_set(err, ERR_INVALID, "'%s' is no blob: 64 hex digits expected", shown);
    }
    return path;
}

/* A blob of another size is a torn one: better written again than trusted. */
static bool is_stored(const char *path, int64_t size)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == size;
}

static int make_folder(const struct blobs *b, const char *path, struct err **err)
{
    AUTO_FREE char *folder = path_dir(path);

    if (file_exists(folder))
        return 0;
    if (dir_make(folder, 0700, err) < 0)
        return -1;
    return dir_sync(b->dir, err);
}

int blob_put(struct blobs *b, const void *data, size_t len, char ret[DIGEST_HEX_SIZE],
             struct err **err)
{
    AUTO_FREE char *path = NULL;
    char hex[DIGEST_HEX_SIZE];

    digest_mem(data, len, hex);
    path = blob_path(b, hex);
    if (!is_stored(path, (int64_t)len)
        && (make_folder(b, path, err) < 0 || file_write(path, data, len, BLOB_MODE, err) < 0))
        return err_wrap(err, "cannot store a blob");
    memcpy(ret, hex, sizeof(hex));
    return 0;
}

/* Moves a finished file to its place. */
static int adopt(struct blobs *b, const char *from, const char *hex, struct err **err)
{
    AUTO_FREE char *path = blob_path(b, hex);
    AUTO_FREE char *folder = path_dir(path);

    if (make_folder(b, path, err) < 0)
        return -1;
    if (rename(from, path) < 0)
        return err_set_errno(err, errno, "cannot rename '%s' to '%s'", from, path);
    return dir_sync(folder, err);
}

/* The name is the digest of our own copy: the file may change while it is read. */
static int copy_in(struct blobs *b, const char *from, char ret[DIGEST_HEX_SIZE], int64_t *ret_size,
                   struct err **err)
{
    AUTO_TEMPDIR temp = dir_temp(b->dir, "in-", err);
    AUTO_FREE char *copy = temp ? path_join(temp, "blob") : NULL;

    if (!temp || file_copy(from, copy, BLOB_MODE, err) < 0
        || digest_file(copy, ret, ret_size, err) < 0)
        return -1;
    return adopt(b, copy, ret, err);
}

int blob_put_file(struct blobs *b, const char *path, char ret[DIGEST_HEX_SIZE], int64_t *ret_size,
                  struct err **err)
{
    AUTO_FREE char *known = NULL;
    char hex[DIGEST_HEX_SIZE];
    int64_t size;

    if (digest_file(path, hex, &size, err) < 0)
        return -1;
    known = blob_path(b, hex);
    if (!is_stored(known, size) && copy_in(b, path, hex, &size, err) < 0)
        return err_wrap(err, "cannot store '%s' as a blob", path);
    memcpy(ret, hex, sizeof(hex));
    if (ret_size)
        *ret_size = size;
    return 0;
}

static int missing_or(const char *hex, struct err **err)
{
    if ((*err)->code != ERR_NOT_FOUND)
        return err_wrap(err, "cannot read blob '%s'", hex);
    err_clear(err);
    return err_set(err, ERR_NOT_FOUND, "blob '%s' is missing", hex);
}

static int compare(const char *hex, const char *found, struct err **err)
{
    if (str_eq(hex, found))
        return 0;
    return err_set(err, ERR_CORRUPT, "blob '%s' was altered: its content has digest '%s'", hex,
                   found);
}

char *blob_get(const struct blobs *b, const char *hex, size_t max, size_t *ret_len,
               struct err **err)
{
    AUTO_FREE char *path = checked_path(b, hex, err);
    AUTO_FREE char *data = NULL;
    char found[DIGEST_HEX_SIZE];
    size_t len;

    if (!path)
        return NULL;
    data = file_read(path, max, &len, err);
    if (!data) {
        missing_or(hex, err);
        return NULL;
    }
    digest_mem(data, len, found);
    if (compare(hex, found, err) < 0)
        return NULL;
    if (ret_len)
        *ret_len = len;
    return TAKE(data);
}

int blob_check(const struct blobs *b, const char *hex, struct err **err)
{
    AUTO_FREE char *path = checked_path(b, hex, err);
    char found[DIGEST_HEX_SIZE];
    int64_t size;

    if (!path)
        return -1;
    if (digest_file(path, found, &size, err) < 0)
        return missing_or(hex, err);
    return compare(hex, found, err);
}
