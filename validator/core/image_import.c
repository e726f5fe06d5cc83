/* A disk from elsewhere becomes an image; see image.h. */
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/image_disk.h"
#include "core/image_work.h"
#include "core/site.h"
#include "ports/disk.h"
#include "store/store.h"

enum { NAME_BYTES = 8 };
#define ROOM_KEPT (INT64_C(64) << 20)

static json_t *origin_json(const char *file, const char *format)
{
    return json_pack("{s:s, s:o, s:o}", "kind", "import", "file", json_text(path_base(file)),
                     "format", json_text(format));
}

/* The inventory may say it of the servers that the image will stand for. */
static int check_category(const struct site *site, const struct image_spec *spec, struct err **err)
{
    AUTO_JSON *names = json_strv(&spec->servers);
    AUTO_FREE char *servers = json_canonical(names);
    int64_t known;

    if (spec->category)
        return 0;
    if (store_int(site->store,
                  "SELECT count(*) FROM server WHERE retired IS NULL AND (image = ?1 OR"
                  " image IS NULL AND name IN (SELECT value FROM json_each(?2)))",
                  ARGS(A_TEXT(spec->name), A_TEXT(servers)), 0, &known, err)
        < 0)
        return -1;
    if (known > 0)
        return 0;
    err_set(err, ERR_INVALID, "nothing says which category of servers it stands for");
    return err_hint(err, "give --category, a description with --spec, or put its servers into the "
                         "inventory");
}

static int take_in(const struct site *site, const char *file, const char *format,
                   const struct image_spec *spec, const struct image_progress *progress,
                   char ret[DIGEST_HEX_SIZE], struct err **err)
{
    AUTO_FREE char *dir = NULL;
    AUTO_FREE char *name = random_hex(NAME_BYTES);
    AUTO_IMAGE_WORK w = IMAGE_WORK_NONE;
    AUTO_DISK_INFO info = { 0 };
    struct sealed_disk disk;

    /* The room is the least it takes: a compressed disk grows when it is sealed. */
    if (image_spec_check(spec, err) < 0 || check_category(site, spec, err) < 0
        || image_check_packages(site, spec, err) < 0 || image_disks_open(site, &dir, err) < 0
        || site->disk->inspect(file, format, &info, err) < 0
        || image_check_room(dir, info.actual_size + ROOM_KEPT, "keep the disk", err) < 0
        || image_work_open(site, dir, name, NULL, NULL, &w, err) < 0)
        return -1;
    AUTO_FREE char *to = path_join(w.dir, "disk.qcow2");
    if (image_seal(site, file, format, to, progress, &disk, err) < 0
        || image_disk_adopt(site, spec, origin_json(file, info.format), &disk, err) < 0)
        return -1;
    memcpy(ret, disk.digest, sizeof(disk.digest));
    return 0;
}

int image_import(const struct site *site, const char *file, const char *format,
                 const struct image_spec *spec, const struct image_progress *progress,
                 char ret[DIGEST_HEX_SIZE], struct err **err)
{
    if (take_in(site, file, format, spec, progress, ret, err) < 0)
        return err_wrap(err, "import '%s'", file);
    return 0;
}
