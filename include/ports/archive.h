/*
 * archive - archives are hostile: everything here has limits and writes only below one directory.
 */
#ifndef PORTS_ARCHIVE_H
#define PORTS_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct stop;

struct archive_limits {
    int64_t max_bytes; /* unpacked, all entries together */
    int64_t max_files;
    int max_ratio; /* unpacked : packed; counted from 1 MiB on */
};

#define ARCHIVE_LIMITS_DEFAULT \
    (struct archive_limits) \
    { \
        .max_bytes = 8LL << 30, .max_files = 20000, .max_ratio = 200 \
    }

/* What a package says of itself; the version of an .rpm is [EPOCH:]VERSION-RELEASE. */
struct package_info {
    char *name, *version, *arch, *source; /* source: package name when absent */
};

/* One file or tree to put on a payload disc. */
struct disc_entry {
    const char *path; /* on the disc, relative: "patch/openssl.deb" */
    const char *file; /* on the host */
    int mode;         /* 0755 or 0644 */
};

struct archive_ops {
    /*
     * Unpacks FILE.tar, .tar.gz, .tar.xz, .tar.zst, .zip ... into `dir`, which exists and is
     * empty.  Regular files and directories only; absolute paths, "..", links, devices, duplicate
     * names and everything beyond the limits are ERR_INVALID naming the entry.  After an error
     * `dir` may hold files: the caller removes it.
     */
    int (*unpack)(const char *file, const char *dir, const struct archive_limits *limits,
                  const struct stop *stop, struct err **err);
    /*
     * Writes what FILE.gz, .xz or .zst (or a plain FILE) holds to `to`, which appears when
     * it is complete.  Beyond the limits, damaged or truncated: ERR_INVALID.
     */
    int (*decompress)(const char *file, const char *to, const struct archive_limits *limits,
                      const struct stop *stop, struct err **err);
    /* Reads the control file of a Debian package, or the header of FILE.rpm, whose digests must be
     * right. */
    int (*package_info)(const char *file, struct package_info *ret, struct err **err);
    /*
     * The changelog that a Debian package called `package` brings, unpacked: at most the first
     * `max` bytes, the newest entries.  *ret is the caller's; NULL: it brings none (its documents
     * may be a link to those of another package).  ERR_INVALID: damaged, or beyond limits.
     */
    int (*package_changelog)(const char *file, const char *package, size_t max,
                             const struct stop *stop, char **ret, size_t *ret_len,
                             struct err **err);
    /* Writes an ISO 9660 disc with Rock Ridge names and modes. */
    int (*write_disc)(const char *to, const char *volume, const struct disc_entry *entries,
                      size_t n, const struct stop *stop, struct err **err);
};

void package_info_release(struct package_info *p);
#define AUTO_PACKAGE_INFO __attribute__((cleanup(package_info_release))) struct package_info

#endif
