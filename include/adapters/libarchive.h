/*
 * libarchive - archives (ports/archive.h) through libarchive, inside this process.
 *
 * Understood are tar (plain, gzip, bzip2, xz, zstd) and zip, .deb packages, and ISO 9660 for
 * writing.  An archive has at most one compression around it and no external program is ever run.
 *
 * Unpacking creates each file anew below the directory and never follows a link, so an archive
 * cannot reach beyond it even if a check here were wrong.  Modes become 0755 (directories and
 * what was executable) or 0644; owners, times and extended attributes are not taken over.
 */
#ifndef ADAPTERS_LIBARCHIVE_H
#define ADAPTERS_LIBARCHIVE_H

#include "ports/archive.h"

extern const struct archive_ops archive_ops;

#endif
