/* A directory of files under one digest; see bundle.h. */
#include "core/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/blob.h"

enum { MODE_PLAIN = 0644, MODE_EXECUTABLE = 0755, LISTING_MAX = 16 << 20 };

static int read_file(const char *dir, const char *path, struct bundle_file *f, struct err **err)
{
    AUTO_FREE char *full = path_join(dir, path);
    struct stat st;

    f->path = xstrdup(path);
    if (lstat(full, &st) < 0)
        return err_set_errno(err, errno, "cannot look at '%s'", full);
    f->mode = st.st_mode & S_IXUSR ? MODE_EXECUTABLE : MODE_PLAIN;
    return digest_file(full, f->sha256, &f->size, err);
}

/* The names are sorted already, and so is the listing. */
static void seal(struct bundle *b)
{
    AUTO_JSON *listing = bundle_json(b);
    AUTO_FREE char *text = json_canonical(listing);

    digest_mem(text, strlen(text), b->digest);
}

int bundle_read(const char *dir, struct bundle *ret, struct err **err)
{
    AUTO_STRV names = { 0 };
    AUTO_BUNDLE b = { 0 };

    if (dir_walk(dir, BUNDLE_MAX_FILES, &names, err) < 0)
        return -1;
    b.ptr = xcalloc(names.len + 1, sizeof(*b.ptr));
    for (size_t i = 0; i < names.len; i++) {
        if (!path_is_safe(names.ptr[i]))
            return err_set(err, ERR_INVALID, "a file in '%s' has an unsafe name", dir);
        b.len++;
        if (read_file(dir, names.ptr[i], &b.ptr[i], err) < 0)
            return -1;
    }
    seal(&b);
    *ret = b;
    b = (struct bundle){ 0 };
    return 0;
}

/* What was hashed and what is kept may differ when somebody writes the directory meanwhile. */
static int keep_file(const struct bundle_file *f, const char *dir, struct blobs *blobs,
                     struct err **err)
{
    AUTO_FREE char *full = path_join(dir, f->path);
    char hex[DIGEST_HEX_SIZE];

    if (blob_put_file(blobs, full, hex, NULL, err) < 0)
        return -1;
    if (!str_eq(hex, f->sha256))
        return err_set(err, ERR_CONFLICT, "'%s' was changed while it was read", full);
    return 0;
}

int bundle_keep(const struct bundle *b, const char *dir, struct blobs *blobs, struct err **err)
{
    AUTO_JSON *listing = bundle_json(b);
    AUTO_FREE char *text = json_canonical(listing);
    char hex[DIGEST_HEX_SIZE];

    for (size_t i = 0; i < b->len; i++) {
        if (keep_file(&b->ptr[i], dir, blobs, err) < 0)
            return -1;
    }
    return blob_put(blobs, text, strlen(text), hex, err);
}

static int load_file(const json_t *j, struct bundle_file *f, struct err **err)
{
    const char *path = json_str_at(j, "path"), *sha256 = json_str_at(j, "sha256");

    if (!path || !path_is_safe(path) || !sha256 || !digest_is_hex(sha256)
        || json_int_at(j, "size") < 0)
        return err_set(err, ERR_CORRUPT, "a line of it is not a file");
    f->path = xstrdup(path);
    f->mode = (int)json_int_at(j, "mode") == MODE_EXECUTABLE ? MODE_EXECUTABLE : MODE_PLAIN;
    f->size = json_int_at(j, "size");
    memcpy(f->sha256, sha256, sizeof(f->sha256));
    return 0;
}

/* The blob store holds more than listings: what is none must not pass for an empty bundle. */
static int load_listing(const char *text, size_t len, struct bundle *b, struct err **err)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *listing = json_parse(text, len, LISTING_MAX, "its listing", &e);
    size_t i;
    json_t *line;

    if (!json_is_array(listing))
        return err_set(err, ERR_CORRUPT, "it is not a listing of files");
    b->ptr = xcalloc(json_array_size(listing) + 1, sizeof(*b->ptr));
    json_array_foreach(listing, i, line)
    {
        b->len++;
        if (load_file(line, &b->ptr[i], err) < 0)
            return -1;
        if (i > 0 && strcmp(b->ptr[i - 1].path, b->ptr[i].path) >= 0)
            return err_set(err, ERR_CORRUPT, "its listing is not sorted");
    }
    return 0;
}

int bundle_load(const struct blobs *blobs, const char *digest, struct bundle *ret, struct err **err)
{
    AUTO_BUNDLE b = { 0 };
    size_t len;
    AUTO_FREE char *text = blob_get(blobs, digest, LISTING_MAX, &len, err);

    if (!text)
        return -1;
    if (load_listing(text, len, &b, err) < 0)
        return err_wrap(err, "bundle %.12s", digest);
    seal(&b);
    if (!str_eq(b.digest, digest))
        return err_set(err, ERR_CORRUPT, "bundle %.12s: its listing says more than files", digest);
    *ret = b;
    b = (struct bundle){ 0 };
    return 0;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(a, ((const struct bundle_file *)b)->path);
}

const struct bundle_file *bundle_find(const struct bundle *b, const char *path)
{
    return b->len ? bsearch(path, b->ptr, b->len, sizeof(*b->ptr), by_path) : NULL;
}

json_t *bundle_json(const struct bundle *b)
{
    json_t *list = json_array();

    for (size_t i = 0; i < b->len; i++) {
        const struct bundle_file *f = &b->ptr[i];
        json_array_append_new(list, json_pack("{s:i, s:o, s:s, s:I}", "mode", f->mode, "path",
                                              json_text(f->path), "sha256", f->sha256, "size",
                                              (json_int_t)f->size));
    }
    return list;
}

int64_t bundle_size(const struct bundle *b)
{
    int64_t size = 0;

    for (size_t i = 0; i < b->len; i++)
        size += b->ptr[i].size;
    return size;
}

void bundle_release(struct bundle *b)
{
    for (size_t i = 0; i < b->len; i++)
        free(b->ptr[i].path);
    free(b->ptr);
    *b = (struct bundle){ 0 };
}
