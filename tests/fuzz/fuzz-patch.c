/*
 * fuzz-patch - reads any bytes as a patch.yaml.  Whatever the bytes: an error with a message that
 * is fit for a terminal, or a patch whose names and paths are safe to use.
 */
#include <stdint.h>
#include <string.h>

#include "adapters/pkgmgrs.h"
#include "base/decode.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/patch.h"
#include "core/site.h"
#include "must.h"

static void must_be_one_line(const char *s)
{
    AUTO_FREE char *utf8 = s ? str_to_utf8(s, strlen(s)) : NULL;

    must(!s || (str_eq(s, utf8) && !strpbrk(s, "\n\x1b")));
}

static void check_files(const struct bundle *files)
{
    for (size_t i = 0; i < files->len; i++) {
        const struct bundle_file *f = &files->ptr[i];

        must(path_is_safe(f->path) && digest_is_hex(f->sha256) && f->size >= -1);
        must(i == 0 || strcmp(f[-1].path, f->path) < 0);
        must(bundle_find(files, f->path) == f);
    }
}

static void check_places(const struct patch_places *p)
{
    for (size_t i = 0; i < p->len; i++) {
        const struct patch_place *at = &p->ptr[i];

        must(path_is_safe(at->from) && at->to[0] == '/' && path_is_safe(at->to + 1));
        must(at->mode >= -1 && at->mode <= 07777);
        must(!at->owner || (strchr(at->owner, ':') && !strpbrk(at->owner, " \n/")));
        must(i == 0 || strcmp(at[-1].to, at->to) < 0);
    }
}

static void check(const struct patch_spec *s)
{
    bool is_script = str_eq(s->kind, "script"), is_files = str_eq(s->kind, "files");

    must(name_is_valid(s->name) && !strpbrk(s->version, "@ /"));
    must(is_script || is_files || str_eq(s->kind, "deb") || str_eq(s->kind, "rpm"));
    must(is_files || (is_script == !!s->apply && is_script == !!s->undo && !s->undone));
    must((!s->apply || path_is_safe(s->apply)) && (!s->undo || path_is_safe(s->undo)));
    must(!s->undone || path_is_safe(s->undone));
    must(is_files == (s->install.len > 0));
    check_places(&s->install);
    must(s->timeout_ms >= 1000);
    must_be_one_line(s->title);
    must_be_one_line(s->source);
    for (size_t i = 0; i < s->cves.len; i++)
        must_be_one_line(s->cves.ptr[i]);
    for (size_t i = 0; i < s->advisories.len; i++)
        must_be_one_line(s->advisories.ptr[i]);
    check_files(&s->files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pkgmgr *const kinds[] = { &pkg_deb, &pkg_rpm, &pkg_files, &pkg_script,
                                                  NULL };
    static const struct site site = { .pkgmgrs = kinds };
    AUTO_PATCH_SPEC s = { 0 };
    AUTO_ERR e = NULL;
    int rc = patch_spec_parse(&site, (const char *)data, size, "fuzz.yaml", &s, &e);

    must((rc == 0) == !e);
    if (rc == 0)
        check(&s);
    else
        must(str_starts(e->msg, "fuzz.yaml:") && !strpbrk(e->msg, "\x1b\n"));
    return 0;
}
