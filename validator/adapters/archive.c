/* archive - the ops table of adapters/libarchive.h; the work is in archive_*.c. */
#include "adapters/archive_impl.h"
#include "adapters/libarchive.h"
#include "base/str.h"

/* What a file is, is what it is called: dpkg and rpm are given it by name, too. */
static int package_info(const char *file, struct package_info *ret, struct err **err)
{
    return str_ends(file, ".rpm") ? archive_rpm_info(file, ret, err)
                                  : archive_deb_info(file, ret, err);
}

const struct archive_ops archive_ops = {
    .unpack = archive_unpack,
    .decompress = archive_decompress,
    .package_info = package_info,
    .package_changelog = archive_package_changelog,
    .write_disc = archive_write_disc,
};
