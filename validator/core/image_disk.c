/* Sealed disks in the state directory; see image_disk.h. */
#include "core/image_disk.h"

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/site.h"

char *image_disks_dir(const struct site *site)
{
    return path_join(site->dir, "images");
}

char *image_disk_path(const struct site *site, const char *digest)
{
    return xasprintf("%s/images/%s.qcow2", site->dir, digest);
}

int image_disks_lock(const struct site *site, struct err **err)
{
    AUTO_FREE char *dir = image_disks_dir(site);
    AUTO_FREE char *path = path_join(dir, "lock");

    if (dir_make(dir, 0711, err) < 0)
        return -1;
    return file_lock(path, /* wait= */ true, err);
}
