/* Sealed disks in the state directory; see image_disk.h. */
#include "core/image_disk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/unit.h"
#include "core/image.h"
#include "core/image_row.h"
#include "core/site.h"
#include "ports/disk.h"
#include "ports/pkgmgr.h"

enum { PASSAGE = 0111 };

char *image_disks_dir(const struct site *site)
{
    return path_join(site->dir, "images");
}

char *image_disk_path(const struct site *site, const char *digest)
{
    return xasprintf("%s/images/%s.qcow2", site->dir, digest);
}

void image_step(const struct image_progress *progress, const char *what, double fraction)
{
    if (progress && progress->step)
        progress->step(progress->arg, what, fraction);
}

/* Others may pass through to what they know the name of, but not look around. */
static int open_passage(const char *dir, struct err **err)
{
    struct stat st;

    if (stat(dir, &st) != 0)
        return err_set_errno(err, errno, "cannot look at '%s'", dir);
    if ((st.st_mode & PASSAGE) == PASSAGE || chmod(dir, (st.st_mode & 07777) | PASSAGE) == 0)
        return 0;
    return err_set_errno(err, errno, "cannot change the mode of '%s'", dir);
}

int image_disks_open(const struct site *site, char **ret, struct err **err)
{
    AUTO_FREE char *dir = image_disks_dir(site);

    if (dir_make(dir, 0711, err) < 0 || open_passage(site->dir, err) < 0
        || open_passage(dir, err) < 0)
        return -1;
    *ret = TAKE(dir);
    return 0;
}

int image_disks_lock(const struct site *site, struct err **err)
{
    AUTO_FREE char *path = path_join(site->dir, "images.lock");

    return file_lock(path, /* wait= */ true, err);
}

int image_check_room(const char *dir, int64_t need, const char *doing, struct err **err)
{
    int64_t room = file_room(dir);

    if (room < 0 || room >= need)
        return 0;
    AUTO_FREE char *needs = unit_size(need);
    AUTO_FREE char *has = unit_size(room);
    err_set(err, ERR_NO_ROOM, "cannot %s: '%s' has %s free, %s needed", doing, dir, has, needs);
    return err_hint(err, "make room on its file system");
}

int image_check_packages(const struct site *site, const struct image_spec *spec, struct err **err)
{
    AUTO_STRV known = { 0 };

    if (!spec->packages || site_pkgmgr(site, spec->packages))
        return 0;
    for (const struct pkgmgr *const *p = site->pkgmgrs; p && *p; p++)
        strv_add(&known, (*p)->kind);
    AUTO_FREE char *list = strv_join(&known, ", ");
    err_set(err, ERR_INVALID, "image '%s' has packages of an unknown kind, '%s'", spec->name,
            spec->packages);
    return err_hint(err, "known kinds: %s; leave 'packages' out for a guest without", list);
}

/* --- sealing -------------------------------------------------------------------------------- */

static void on_sealed(void *arg, double fraction)
{
    image_step(arg, "seal the disk", fraction);
}

int image_seal(const struct site *site, const char *from, const char *format, const char *to,
               const struct image_progress *progress, struct sealed_disk *ret, struct err **err)
{
    AUTO_DISK_INFO info = { 0 };
    struct sealed_disk d = { .path = to };

    image_step(progress, "seal the disk", 0);
    if (site->disk->seal(from, format, to, site->stop, on_sealed, (void *)progress, err) < 0
        || site->disk->inspect(to, "qcow2", &info, err) < 0)
        return -1;
    d.virtual_size = info.virtual_size;
    image_step(progress, "compute the digest", -1);
    if (digest_file(to, d.digest, NULL, err) < 0 || stop_check(site->stop, err) < 0)
        return -1;
    *ret = d;
    return 0;
}

/* --- adopting ------------------------------------------------------------------------------- */

static int move_in(const struct sealed_disk *disk, const char *to, struct err **err)
{
    AUTO_FREE char *dir = path_dir(to);

    if (rename(disk->path, to) != 0)
        return err_set_errno(err, errno, "cannot rename '%s' to '%s'", disk->path, to);
    return dir_sync(dir, err);
}

int image_disk_adopt(const struct site *site, const struct image_spec *spec, json_t *origin,
                     const struct sealed_disk *disk, struct err **err)
{
    AUTO_JSON *record = image_record(site, spec, origin, disk);
    AUTO_FREE char *to = image_disk_path(site, disk->digest);
    AUTO_FD lock = image_disks_lock(site, err);
    bool was_there = file_exists(to);

    if (lock < 0)
        return -1;
    if (move_in(disk, to, err) == 0
        && image_row_store(site, spec->name, disk->digest, record, err) == 0)
        return 0;
    if (!was_there)
        unlink(to);
    return err_wrap(err, "cannot keep image '%s'", spec->name);
}
