/*
 * fuzz-release - reads any bytes as a Release file.  Whatever the bytes: an error with a message
 * that is fit for a terminal, or a sorted list of files with safe paths, digests and sizes.
 */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "core/release_file.h"
#include "must.h"

static void check(const struct release_file *r)
{
    const struct release_rule rule = { .suite = "x", .now = 1 };
    AUTO_ERR e = NULL;

    must(r->date > 0 && r->valid_until >= 0 && r->len <= RELEASE_MAX_ENTRIES);
    for (size_t i = 0; i < r->len; i++) {
        const struct release_entry *f = &r->ptr[i];

        must(path_is_safe(f->path) && digest_is_hex(f->sha256) && f->size >= 0);
        must(i == 0 || strcmp(f[-1].path, f->path) < 0);
        must(release_file_find(r, f->path) == f);
    }
    must((release_judge(r, &rule, &e) == 0) == !e);
    must(!e || !strpbrk(e->msg, "\x1b\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_RELEASE_FILE r = { 0 };
    AUTO_ERR e = NULL;
    int rc = release_file_parse((const char *)data, size, "fuzz", &r, &e);

    must((rc == 0) == !e);
    if (rc == 0)
        check(&r);
    else
        must(str_starts(e->msg, "fuzz:") && !strpbrk(e->msg, "\x1b\n"));
    return 0;
}
