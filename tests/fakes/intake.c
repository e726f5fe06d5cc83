/* intake - see intake.h. */
#include "fakes/intake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "adapters/libarchive.h"
#include "adapters/pkgmgrs.h"
#include "base/file.h"
#include "fakes/make_archive.h"

enum { NAMES_MAX = 1 << 20 };
#define PLENTY (INT64_C(1) << 40)

static int64_t disk_room = PLENTY;
static int happens_in;
static void (*to_happen)(void *arg);
static void *happens_to;

/* In place of libc's own. */
int statvfs(const char *path, struct statvfs *ret)
{
    (void)path;
    if (happens_in > 0 && --happens_in == 0)
        to_happen(happens_to);
    *ret = (struct statvfs){ .f_frsize = 1, .f_bavail = (fsblkcnt_t)disk_room };
    return 0;
}

void intake_disk(int64_t room)
{
    disk_room = room;
}

void intake_at_look(int nth, void (*happens)(void *arg), void *arg)
{
    happens_in = nth;
    to_happen = happens;
    happens_to = arg;
}

struct intake_box intake_box(void)
{
    static const struct pkgmgr *const kinds[] = { &pkg_deb, &pkg_rpm, &pkg_files, &pkg_script,
                                                  NULL };
    struct intake_box b = { .f = fixture_open() };
    AUTO_ERR e = NULL;

    b.work = dir_temp(NULL, "patchlab-work", &e);
    expect_ok(b.work, &e);
    b.site = (struct site){
        .dir = b.f.dir,
        .user = "ann@host",
        .store = b.f.s,
        .blobs = b.f.b,
        .archive = &archive_ops,
        .pkgmgrs = kinds,
    };
    intake_disk(PLENTY);
    intake_at_look(0, NULL, NULL);
    return b;
}

void intake_box_close(struct intake_box *b)
{
    dir_removep(&b->work);
    fixture_close(&b->f);
}

char *intake_write(struct intake_box *b, const char *name, const char *text, unsigned mode)
{
    AUTO_FREE char *path = path_join(b->work, name);
    AUTO_FREE char *dir = path_dir(path);
    AUTO_ERR e = NULL;

    expect_ok(dir_make(dir, 0755, &e) == 0, &e);
    expect_ok(file_write(path, text, strlen(text), mode, &e) == 0, &e);
    return TAKE(path);
}

static void write_in(struct intake_box *b, const char *dir, const char *name, const char *text,
                     unsigned mode)
{
    AUTO_FREE char *path = path_join(dir, name);

    free(intake_write(b, path, text, mode));
}

char *intake_script(struct intake_box *b, const char *name, const char *more)
{
    AUTO_FREE char *yaml = xasprintf("name: %s\nversion: \"1\"\nkind: script\n"
                                     "script: {apply: apply.sh, undo: undo.sh}\n%s",
                                     name, more);

    write_in(b, name, "patch.yaml", yaml, 0644);
    write_in(b, name, "apply.sh", "#!/bin/sh\necho apply\n", 0755);
    write_in(b, name, "undo.sh", "#!/bin/sh\necho undo\n", 0755);
    write_in(b, name, "data", "data\n", 0644);
    return path_join(b->work, name);
}

char *intake_deb(struct intake_box *b, const char *file, const char *package, const char *version,
                 const char *source)
{
    AUTO_FREE char *control = xasprintf("Package: %s\nVersion: %s\nArchitecture: amd64\n%s%s%s",
                                        package, version, source ? "Source: " : "",
                                        source ? source : "", source ? "\n" : "");
    AUTO_FREE char *path = intake_write(b, file, "", 0644);

    make_deb(path, "xz", control);
    return TAKE(path);
}

static void paths_of(va_list ap, struct strv *paths)
{
    for (const char *path = va_arg(ap, const char *); path; path = va_arg(ap, const char *))
        strv_add(paths, path);
}

/* Nothing of ours is left but the lock. */
static void expect_tidy(struct intake_box *b)
{
    AUTO_FREE char *dir = path_join(b->f.dir, "intake");
    AUTO_STRV names = { 0 };
    AUTO_ERR e = NULL;

    if (!file_exists(dir))
        return;
    expect_ok(dir_list(dir, &names, &e) == 0, &e);
    assert_int_equal(names.len, 1);
    assert_string_equal(names.ptr[0], "lock");
}

int64_t intake_add(struct intake_box *b, const char *name, ...)
{
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    int64_t id = 0;
    va_list ap;

    va_start(ap, name);
    paths_of(ap, &paths);
    va_end(ap);
    expect_ok(patch_add(&b->site, &paths, name, &id, &b->is_new, &e) == 0, &e);
    expect_tidy(b);
    assert_true(id > 0);
    return id;
}

void intake_refused(struct intake_box *b, enum err_code code, const char *part, ...)
{
    AUTO_FREE char *before = intake_files(b);
    int64_t rows = fixture_count(&b->f, "SELECT count(*) FROM patch"), id = -7;
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    bool is_new = true;
    va_list ap;

    va_start(ap, part);
    paths_of(ap, &paths);
    va_end(ap);
    assert_int_equal(patch_add(&b->site, &paths, NULL, &id, &is_new, &e), -1);
    expect_err(code, part, &e);
    assert_int_equal(id, -7);
    assert_int_equal(fixture_count(&b->f, "SELECT count(*) FROM patch"), rows);
    AUTO_FREE char *after = intake_files(b);
    assert_string_equal(after, before);
    expect_tidy(b);
}

char *intake_files(struct intake_box *b)
{
    AUTO_STR s = STR_INIT(NAMES_MAX);
    AUTO_STRV files = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(dir_walk(b->f.dir, 10000, &files, &e) == 0, &e);
    for (size_t i = 0; i < files.len; i++) {
        if (!str_starts(files.ptr[i], "patchlab.db") && !str_eq(files.ptr[i], "intake/lock"))
            str_addf(&s, "%s\n", files.ptr[i]);
    }
    return str_take(&s);
}

struct patch intake_patch(struct intake_box *b, int64_t id)
{
    struct patch p = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(patch_by_id(&b->site, id, &p, &e) == 0, &e);
    return p;
}
