/*
 * archive_unpack - a hostile archive into an empty directory.
 *
 * Each entry is refused by what it says of itself first (type, name, size); then its bytes are
 * counted as they come out, because what it says may be a lie.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/archive_impl.h"
#include "adapters/archive_reader.h"
#include "adapters/unpack_dir.h"
#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"

enum { RATIO_FROM = 1 << 20, OVERHEAD_PER_ENTRY = 2048, SHOWN_MAX = 200 };

struct unpack {
    struct archive_reader reader;
    struct unpack_dir dir;
    const struct archive_limits *limits;
    int64_t allowed; /* bytes of all files: the lesser of both limits */
    int64_t entries, bytes;
};

static void unpack_release(struct unpack *u)
{
    archive_reader_release(&u->reader);
    unpack_dir_release(&u->dir);
}

static int64_t bytes_allowed(const struct archive_limits *limits, int64_t packed)
{
    int64_t by_ratio;

    if (__builtin_mul_overflow(packed, (int64_t)limits->max_ratio, &by_ratio))
        by_ratio = INT64_MAX;
    if (by_ratio < RATIO_FROM)
        by_ratio = RATIO_FROM;
    return by_ratio < limits->max_bytes ? by_ratio : limits->max_bytes;
}

static int refuse_size(const struct unpack *u, struct err **err)
{
    AUTO_FREE char *most = unit_size(u->allowed);

    if (u->allowed == u->limits->max_bytes)
        return err_set(err, ERR_INVALID, "the archive unpacks to more than %s", most);
    err_set(err, ERR_INVALID, "the archive unpacks to more than %s, which is %d times its own size",
            most, u->limits->max_ratio);
    return err_hint(err, "it looks like an archive bomb");
}

static int check_type(struct archive_entry *e, struct err **err)
{
    if (archive_entry_hardlink(e))
        return err_set(err, ERR_INVALID, "it is a hard link");
    if (archive_entry_is_encrypted(e))
        return err_set(err, ERR_INVALID, "it is encrypted");
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
        return 0;
    case AE_IFDIR:
        return archive_entry_size(e) == 0
                   ? 0
                   : err_set(err, ERR_INVALID, "it is a directory with data");
    case AE_IFLNK:
        return err_set(err, ERR_INVALID, "it is a symbolic link");
    case AE_IFCHR:
    case AE_IFBLK:
        return err_set(err, ERR_INVALID, "it is a device");
    case AE_IFIFO:
        return err_set(err, ERR_INVALID, "it is a fifo");
    default:
        return err_set(err, ERR_INVALID, "it is neither a file nor a directory");
    }
}

/* "./a/b/" is a/b, and "./" is the directory itself: "". */
static char *plain_name(const char *raw)
{
    while (str_starts(raw, "./"))
        raw += strspn(raw + 1, "/") + 1;
    if (str_eq(raw, "."))
        raw = "";
    size_t len = strlen(raw);
    while (len > 1 && raw[len - 1] == '/')
        len--;
    return xstrndup(raw, len);
}

static int write_all(int fd, const void *data, size_t len, struct err **err)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot write it");
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int unpack_data(struct unpack *u, int fd, int64_t *ret_size, struct err **err)
{
    int64_t size = 0;
    const void *data;
    size_t len;
    int rc;

    while ((rc = archive_reader_block(&u->reader, size, &data, &len, err)) > 0) {
        if ((int64_t)len > u->allowed - u->bytes)
            return refuse_size(u, err);
        if (write_all(fd, data, len, err) < 0)
            return -1;
        u->bytes += (int64_t)len;
        size += (int64_t)len;
    }
    *ret_size = size;
    return rc;
}

static int unpack_file(struct unpack *u, struct archive_entry *e, const char *name,
                       struct err **err)
{
    mode_t mode = archive_entry_perm(e) & 0111 ? 0755 : 0644;
    int64_t size = 0;
    AUTO_FD fd = -1;

    if (archive_entry_size_is_set(e) && archive_entry_size(e) > u->allowed - u->bytes)
        return refuse_size(u, err);
    if (unpack_dir_add_file(&u->dir, name, mode, &fd, err) < 0)
        return -1;
    if (unpack_data(u, fd, &size, err) < 0)
        return -1;
    if (archive_entry_size_is_set(e) && archive_entry_size(e) != size)
        return err_set(err, ERR_INVALID, "its data is not as long as the archive says");
    return 0;
}

static int unpack_entry(struct unpack *u, struct archive_entry *e, struct err **err)
{
    const char *raw = archive_entry_pathname(e);

    if (!raw)
        return err_set(err, ERR_INVALID, "entry %lld has a name that cannot be read",
                       (long long)u->entries);
    AUTO_FREE char *name = plain_name(raw);
    AUTO_FREE char *shown = str_printable(raw, strnlen(raw, SHOWN_MAX), false);
    if (check_type(e, err) < 0)
        return err_wrap(err, "entry '%s'", shown);
    bool dir = archive_entry_filetype(e) == AE_IFDIR;
    if (dir && !*name)
        return 0;
    if (!path_is_safe(name))
        return err_set(err, ERR_INVALID, "entry '%s' has an unsafe name", shown);
    int rc = dir ? unpack_dir_add_dir(&u->dir, name, err) : unpack_file(u, e, name, err);
    return rc < 0 ? err_wrap(err, "entry '%s'", shown) : 0;
}

static int unpack_all(struct unpack *u, struct err **err)
{
    struct archive_entry *e;
    int rc;

    while ((rc = archive_reader_next(&u->reader, &e, err)) > 0) {
        /* Entries are counted, too: one that makes nothing ("./") could be repeated without end. */
        if (++u->entries > u->limits->max_files)
            return err_set(err, ERR_INVALID, "it holds more than %lld entries",
                           (long long)u->limits->max_files);
        if (unpack_entry(u, e, err) < 0)
            return -1;
    }
    return rc < 0 ? -1 : unpack_dir_check(&u->dir, err);
}

int archive_unpack(const char *file, const char *dir, const struct archive_limits *limits,
                   const struct stop *stop, struct err **err)
{
    AUTO_UTF8_SCOPE utf8 = utf8_scope_enter();
    __attribute__((cleanup(unpack_release))) struct unpack u = {
        .dir = UNPACK_DIR_NONE,
        .limits = limits,
    };
    int64_t packed;
    AUTO_FD fd = file_open_regular(file, &packed, err);
    if (fd < 0)
        return -1;

    u.allowed = bytes_allowed(limits, packed);
    struct archive_source source = { .fd = fd, .size = packed, .zip = true, .stop = stop };
    if (__builtin_add_overflow(u.allowed, OVERHEAD_PER_ENTRY * (limits->max_files + 1),
                               &source.stream_max))
        source.stream_max = INT64_MAX;
    if (unpack_dir_open(&u.dir, dir, limits->max_files, err) < 0)
        return -1;
    if (archive_reader_open(&u.reader, &source, err) < 0 || unpack_all(&u, err) < 0)
        return err_wrap(err, "cannot unpack '%s'", file);
    log_debug(LOG_INTAKE, "unpacked '%s': %lld entries, %lld bytes", file, (long long)u.entries,
              (long long)u.bytes);
    return 0;
}
