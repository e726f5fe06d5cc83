/* archive_impl - the jobs behind archive_ops, one file each. */
#ifndef VALIDATOR_ADAPTERS_ARCHIVE_IMPL_H
#define VALIDATOR_ADAPTERS_ARCHIVE_IMPL_H

#include "ports/archive.h"

int archive_unpack(const char *file, const char *dir, const struct archive_limits *limits,
                   const struct stop *stop, struct err **err);
int archive_decompress(const char *file, const char *to, const struct archive_limits *limits,
                       const struct stop *stop, struct err **err);
int archive_deb_info(const char *file, struct package_info *ret, struct err **err);
int archive_rpm_info(const char *file, struct package_info *ret, struct err **err);
int archive_rpm_read(int fd, int64_t size, struct package_info *ret, struct err **err);
int archive_package_changelog(const char *file, const char *package, size_t max,
                              const struct stop *stop, char **ret, size_t *ret_len,
                              struct err **err);
int archive_write_disc(const char *to, const char *volume, const struct disc_entry *entries,
                       size_t n, const struct stop *stop, struct err **err);

#endif
