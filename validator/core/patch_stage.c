/* Where the files of a patch come from: a directory, an archive, packages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/unit.h"
#include "core/patch_intake.h"
#include "core/site.h"
#include "ports/archive.h"
#include "ports/pkgmgr.h"

enum { LOCK_POLL_MS = 100, ROOM_RESERVE = 64 << 20 };
#define LOCK_NAME "lock"

static char *intake_dir(const struct site *site)
{
    return path_join(site->dir, "intake");
}

/* Not file_lock(wait): that could not be interrupted. */
static int take_lock(struct intake *in, const char *path, struct err **err)
{
    for (;;) {
        AUTO_ERR e = NULL;

        in->lock = file_lock(path, /* wait= */ false, &e);
        if (in->lock >= 0)
            return 0;
        if (e->code != ERR_CONFLICT) {
            *err = TAKE(e);
            return -1;
        }
        if (stop_sleep(in->site->stop, LOCK_POLL_MS, err) < 0)
            return -1;
    }
}

/* With the lock held, all that lies there is what a killed process has left. */
static int sweep(const char *dir, struct err **err)
{
    AUTO_STRV names = { 0 };

    if (dir_list(dir, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *path = path_join(dir, names.ptr[i]);

        if (str_eq(names.ptr[i], LOCK_NAME))
            continue;
        log_debug(LOG_INTAKE, "remove '%s' of an earlier process", path);
        if (dir_remove(path, err) < 0)
            return -1;
    }
    return 0;
}

int intake_open(struct intake *in, struct err **err)
{
    AUTO_FREE char *dir = intake_dir(in->site);
    AUTO_FREE char *lock = path_join(dir, LOCK_NAME);

    if (dir_make(dir, 0700, err) < 0 || take_lock(in, lock, err) < 0)
        return -1;
    return sweep(dir, err);
}

static int no_room(const struct site *site, int64_t room, int64_t need, struct err **err)
{
    AUTO_FREE char *has = unit_size(room);
    AUTO_FREE char *needs = unit_size(need);

    err_set(err, ERR_NO_ROOM, "the disk of '%s' has no room for the patch: %s free, %s needed",
            site->dir, has, needs);
    return err_hint(err, "make room, or choose another state directory with --state");
}

int intake_room(const struct site *site, int64_t bytes, struct err **err)
{
    int64_t room = file_room(site->dir);
    int64_t need;

    if (__builtin_add_overflow(bytes, (int64_t)ROOM_RESERVE, &need))
        need = INT64_MAX;
    return room >= 0 && room < need ? no_room(site, room, need, err) : 0;
}

/* Makes in->dir a new directory of ours. */
static int make_dir(struct intake *in, const char *name, struct err **err)
{
    AUTO_FREE char *dir = intake_dir(in->site);

    if (!in->temp)
        in->temp = dir_temp(dir, "patch", err);
    AUTO_FREE char *path = in->temp ? path_join(in->temp, name) : NULL;
    if (!path || dir_make(path, 0700, err) < 0)
        return -1;
    free(in->dir);
    in->dir = TAKE(path);
    return 0;
}

/* --- packages ------------------------------------------------------------------------------- */

/* All are packages of one kind. */
static int check_packages(const struct strv *paths, const struct package_kind *kind,
                          struct err **err)
{
    for (size_t i = 0; i < paths->len; i++) {
        if (str_ends(paths->ptr[i], kind->suffix))
            continue;
        err_set(err, ERR_INVALID, "'%s' is no %s file", paths->ptr[i], kind->suffix);
        return err_hint(err, "several files make one patch only when all are packages of one kind");
    }
    return 0;
}

static int copy_package(const struct intake *in, const char *from, const char *dir,
                        struct err **err)
{
    AUTO_FREE char *to = path_join(dir, path_base(from));
    AUTO_PACKAGE_INFO ignored = { 0 };
    struct stat st;

    if (stop_check(in->site->stop, err) < 0)
        return -1;
    /* What is wrong with it is best said of the file that the user knows. */
    if (in->site->archive->package_info(from, &ignored, err) < 0)
        return -1;
    if (file_exists(to))
        return err_set(err, ERR_INVALID, "two packages are called '%s'", path_base(from));
    if (stat(from, &st) < 0)
        return err_set_errno(err, errno, "cannot look at '%s'", from);
    /* Here and in the blob store. */
    if (intake_room(in->site, 2 * (int64_t)st.st_size, err) < 0)
        return -1;
    return file_copy(from, to, 0644, err);
}

static int stage_packages(struct intake *in, const struct strv *files, struct err **err)
{
    in->bare = package_kind_of_file(files->ptr[0]);
    if (make_dir(in, "packages", err) < 0)
        return -1;
    for (size_t i = 0; i < files->len; i++) {
        if (copy_package(in, files->ptr[i], in->dir, err) < 0)
            return -1;
    }
    return 0;
}

int intake_stage_undo(struct intake *in, const struct strv *files, struct err **err)
{
    if (files->len == 0)
        return 0;
    if (!in->bare) {
        err_set(err, ERR_INVALID, "older packages are named, but the patch has a patch.yaml");
        return err_hint(err, "put them below 'undo' beside it");
    }
    AUTO_FREE char *dir = path_join(in->dir, PATCH_UNDO);
    if (check_packages(files, in->bare, err) < 0 || dir_make(dir, 0700, err) < 0)
        return -1;
    for (size_t i = 0; i < files->len; i++) {
        if (copy_package(in, files->ptr[i], dir, err) < 0)
            return -1;
    }
    return 0;
}

static int neither(const char *dir, struct err **err)
{
    AUTO_FREE char *shown = str_printable(dir, strlen(dir), false);

    err_set(err, ERR_INVALID, "'%s' holds neither a patch.yaml nor packages of one kind alone",
            shown);
    return err_hint(err, "write a patch.yaml that says what the patch is: docs/formats.md");
}

/* Without a patch.yaml the packages are copied out of it, so that it does not matter how they
 * came, in which folders and with which modes. */
static int stage_dir(struct intake *in, struct err **err)
{
    AUTO_FREE char *spec = path_join(in->dir, PATCH_FILE);
    AUTO_FREE char *dir = xstrdup(in->dir);
    AUTO_STRV names = { 0 }, files = { 0 }, undo = { 0 };
    const struct package_kind *kind;
    struct stat st;

    if (lstat(spec, &st) == 0 && S_ISREG(st.st_mode))
        return 0;
    if (dir_walk(dir, BUNDLE_MAX_FILES, &names, err) < 0)
        return -1;
    kind = names.len ? package_kind_of_file(names.ptr[0]) : NULL;
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *file = path_join(dir, names.ptr[i]);

        if (!kind || !str_ends(file, kind->suffix))
            return neither(dir, err);
        strv_add(str_starts(names.ptr[i], PATCH_UNDO) ? &undo : &files, file);
    }
    if (files.len == 0)
        return neither(dir, err);
    return stage_packages(in, &files, err) < 0 ? -1 : intake_stage_undo(in, &undo, err);
}

/* --- archives ------------------------------------------------------------------------------- */

/* What comes out is there twice for a while: here and in the blob store. */
static int unpack(const struct intake *in, const char *file, struct err **err)
{
    const struct site *site = in->site;
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;
    int64_t room = file_room(site->dir), most = (room - ROOM_RESERVE) / 2;
    bool tight = room >= 0 && most < limits.max_bytes;

    if (tight && most <= 0)
        return no_room(site, room, ROOM_RESERVE, err);
    if (tight)
        limits.max_bytes = most;
    if (site->archive->unpack(file, in->dir, &limits, site->stop, err) == 0)
        return 0;
    if (str_eq(path_base(file), PATCH_FILE))
        return err_hint(err, "name the directory that holds it");
    if (tight && (*err)->code == ERR_INVALID && !(*err)->hint) {
        AUTO_FREE char *size = unit_size(most);
        err_hint(err, "the disk of '%s' has room for no more than %s", site->dir, size);
    }
    return -1;
}

/* The usual archive holds one directory that is called like itself. */
static int enter_only_dir(struct intake *in, struct err **err)
{
    AUTO_STRV names = { 0 };
    struct stat st;

    if (dir_list(in->dir, &names, err) < 0)
        return -1;
    AUTO_FREE char *path = names.len == 1 ? path_join(in->dir, names.ptr[0]) : NULL;
    if (path && lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        free(in->dir);
        in->dir = TAKE(path);
    }
    return 0;
}

static int stage_archive(struct intake *in, const char *file, struct err **err)
{
    if (make_dir(in, "unpacked", err) < 0 || unpack(in, file, err) < 0)
        return -1;
    in->from = xstrdup(file);
    if (enter_only_dir(in, err) < 0 || stage_dir(in, err) < 0)
        return err_wrap(err, "archive '%s'", file);
    return 0;
}

/* --- all of them ---------------------------------------------------------------------------- */

int intake_stage(struct intake *in, const struct strv *paths, struct err **err)
{
    struct stat st;

    if (paths->len == 0)
        return err_set(err, ERR_INVALID, "no directory, archive or package is named");
    const char *first = paths->ptr[0];
    if (stat(first, &st) < 0)
        return err_set_errno(err, errno, "cannot look at '%s'", first);
    if (paths->len == 1 && S_ISDIR(st.st_mode)) {
        in->dir = path_absolute(first, err);
        return in->dir ? stage_dir(in, err) : -1;
    }
    const struct package_kind *kind = package_kind_of_file(first);
    if (paths->len == 1 && !kind)
        return stage_archive(in, first, err);
    if (!kind) {
        err_set(err, ERR_INVALID, "'%s' is no package", first);
        return err_hint(err, "several files make one patch only when all are packages of one kind");
    }
    if (check_packages(paths, kind, err) < 0)
        return -1;
    return stage_packages(in, paths, err);
}

void intake_release(struct intake *in)
{
    dir_removep(&in->temp);
    fd_closep(&in->lock);
    free(in->dir);
    free(in->from);
    bundle_release(&in->bundle);
    patch_spec_release(&in->spec);
    json_decref(in->packages);
    json_decref(in->undo);
    json_decref(in->claims);
}
