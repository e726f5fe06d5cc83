/* archive - the ops table of adapters/libarchive.h; the work is in archive_*.c. */
#include "adapters/archive_impl.h"
#include "adapters/libarchive.h"

const struct archive_ops archive_ops = {
    .unpack = archive_unpack,
    .decompress = archive_decompress,
    .package_info = archive_package_info,
    .package_changelog = archive_package_changelog,
    .write_disc = archive_write_disc,
};
