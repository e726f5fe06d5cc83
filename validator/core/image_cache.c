/* Disks that were built before; see image_cache.h. */
#include "core/image_cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/site.h"
#include "ports/disk.h"

enum { DISK_MODE = 0444, NOTE_MODE = 0644, NOTE_MAX = 4096 };

static char *entry_path(const struct site *site, const char *recipe, const char *suffix)
{
    return xasprintf("%s/%s%s", site->cache, recipe, suffix);
}

static void forget(const struct site *site, const char *recipe)
{
    AUTO_FREE char *disk = entry_path(site, recipe, ".qcow2");
    AUTO_FREE char *note = entry_path(site, recipe, ".json");

    unlink(note);
    unlink(disk);
}

/* What the note says is the digest of the disk; NULL when there is no such note. */
static json_t *read_note(const struct site *site, const char *recipe)
{
    AUTO_FREE char *path = entry_path(site, recipe, ".json");
    AUTO_ERR ignored = NULL;
    size_t len;
    AUTO_FREE char *text = file_read(path, NOTE_MAX, &len, &ignored);
    AUTO_JSON *note = text ? json_parse(text, len, NOTE_MAX, path, &ignored) : NULL;
    const char *digest = json_str_at(note, "digest");

    return digest && digest_is_hex(digest) ? json_incref(note) : NULL;
}

/* Our own name of the disk is what is looked at, so that nothing can change between. */
static int check_disk(const struct site *site, const char *digest, struct sealed_disk *d,
                      struct err **err)
{
    AUTO_DISK_INFO info = { 0 };

    if (digest_file(d->path, d->digest, NULL, err) < 0)
        return -1;
    if (!str_eq(d->digest, digest))
        return err_set(err, ERR_CORRUPT, "a disk in the cache is damaged");
    if (site->disk->inspect(d->path, "qcow2", &info, err) < 0)
        return -1;
    d->virtual_size = info.virtual_size;
    return 0;
}

int image_cache_get(const struct site *site, const char *recipe, int64_t since, const char *to,
                    struct sealed_disk *ret, struct err **err)
{
    AUTO_FREE char *disk = entry_path(site, recipe, ".qcow2");
    AUTO_JSON *note = read_note(site, recipe);
    struct sealed_disk d = { .path = to };
    AUTO_ERR e = NULL;

    if (!note || json_int_at(note, "built") <= since || !file_exists(disk))
        return 0;
    if (file_link_or_copy(disk, to, DISK_MODE, err) < 0)
        return err_wrap(err, "take the disk from the cache");
    if (check_disk(site, json_str_at(note, "digest"), &d, &e) < 0) {
        unlink(to);
        forget(site, recipe);
        return 0;
    }
    *ret = d;
    return 1;
}

/* The note comes last, and the old one goes first: it must never stand beside another disk. */
int image_cache_put(const struct site *site, const char *recipe, const char *name,
                    const struct sealed_disk *disk, struct err **err)
{
    AUTO_FREE char *to = entry_path(site, recipe, ".qcow2");
    AUTO_FREE char *note_path = entry_path(site, recipe, ".json");
    AUTO_JSON *note = json_pack("{s:s, s:s, s:I}", "name", name, "digest", disk->digest, "built",
                                (json_int_t)clock_wall_ms());
    AUTO_FREE char *text = json_pretty(note);

    forget(site, recipe);
    if (rename(disk->path, to) != 0)
        return err_set_errno(err, errno, "cannot rename '%s' to '%s'", disk->path, to);
    return file_write(note_path, text, strlen(text), NOTE_MODE, err);
}
