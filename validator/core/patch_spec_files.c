/* patch.yaml, `files`: what must be there, and with which digests. */
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/patch_intake.h"
#include "core/patch_spec_lists.h"

struct file_entry {
    char *path, *sha256;
    int64_t size;
};

static void file_entry_release(struct file_entry *f)
{
    free(f->path);
    free(f->sha256);
}

static int decode_file(const struct decoder *d, const struct node *n, const char *path, void *arg,
                       struct err **err)
{
    static const struct field fields[] = {
        { "path", FIELD_PATH, offsetof(struct file_entry, path), .required = true },
        { "sha256", FIELD_SHA256, offsetof(struct file_entry, sha256), .required = true },
        { "size", FIELD_SIZE, offsetof(struct file_entry, size) },
        { 0 },
    };
    __attribute__((cleanup(file_entry_release))) struct file_entry f = { .size = -1 };
    struct bundle *files = arg;

    if (decode_map(d, n, path, fields, &f, err) < 0)
        return -1;
    if (str_eq(f.path, PATCH_FILE))
        return decode_error(d, n, path, err, PATCH_FILE " cannot list itself");
    struct bundle_file *to = &files->ptr[files->len++];
    to->path = TAKE(f.path);
    to->size = f.size;
    memcpy(to->sha256, f.sha256, sizeof(to->sha256));
    return 0;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct bundle_file *)a)->path, ((const struct bundle_file *)b)->path);
}

/* An empty list is refused: it would read like the one that is not there. */
int patch_spec_files(const struct decoder *d, const struct node *n, const char *path, void *target,
                     struct err **err)
{
    struct bundle *files = target;

    if (n->kind == NODE_LIST && n->len == 0)
        return decode_error(d, n, path, err, "expected at least one file, found an empty list");
    files->ptr = xcalloc(n->len + 1, sizeof(*files->ptr));
    if (decode_list(d, n, path, decode_file, files, err) < 0)
        return -1;
    qsort(files->ptr, files->len, sizeof(*files->ptr), by_path);
    for (size_t i = 1; i < files->len; i++) {
        if (str_eq(files->ptr[i - 1].path, files->ptr[i].path))
            return decode_error(d, n, path, err, "'%s' stands there twice", files->ptr[i].path);
    }
    return 0;
}
