/*
 * archive_iso - a payload disc: ISO 9660 with Rock Ridge names and modes.
 *
 * The same entries give the same bytes: they are sorted, and every date is set at the end.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/archive_impl.h"
#include "adapters/archive_reader.h"
#include "adapters/iso_dates.h"
#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/temp_file.h"

enum { VOLUME_MAX = 32 };

struct disc {
    struct archive *a;
    struct archive_entry *e;
    const struct disc_entry **sorted;
    size_t n;
    const char *to;
    const struct stop *stop;
};

static void disc_release(struct disc *d)
{
    archive_entry_free(d->e);
    archive_write_free(d->a);
    free(d->sorted);
}

static int disc_error(struct disc *d, struct err **err)
{
    int errnum = archive_errno(d->a);
    const char *text = archive_error_string(d->a);

    if (errnum == ENOSPC || errnum == EDQUOT) {
        err_set(err, ERR_NO_ROOM, "cannot write disc '%s': no room on the file system", d->to);
        return err_hint(err, "a disc also needs room for its files in $TMPDIR or /tmp");
    }
    return err_set(err, ERR_IO, "cannot write disc '%s': %s", d->to, text ? text : "unknown");
}

/* --- what may stand on a disc --------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
    const struct disc_entry *const *x = a, *const *y = b;

    return strcmp((*x)->path, (*y)->path);
}

static bool volume_is_valid(const char *s)
{
    size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return len > 0 && len <= VOLUME_MAX && !s[len];
}

static int sort_entries(struct disc *d, const struct disc_entry *entries, struct err **err)
{
    d->sorted = xcalloc(d->n ? d->n : 1, sizeof(const struct disc_entry *));
    for (size_t i = 0; i < d->n; i++) {
        const struct disc_entry *x = &entries[i];

        if (!path_is_safe(x->path))
            return err_set(err, ERR_INVALID, "'%s' is no name for a disc", x->path);
        if (x->mode != 0755 && x->mode != 0644)
            return err_set(err, ERR_INVALID, "'%s' has mode %o, a disc takes 0755 and 0644",
                           x->path, (unsigned)x->mode);
        d->sorted[i] = x;
    }
    qsort(d->sorted, d->n, sizeof(const struct disc_entry *), by_path);
    for (size_t i = 1; i < d->n; i++)
        if (str_eq(d->sorted[i - 1]->path, d->sorted[i]->path))
            return err_set(err, ERR_INVALID, "'%s' is to be put on the disc twice",
                           d->sorted[i]->path);
    return 0;
}

static bool is_file(const struct disc *d, const char *path)
{
    const struct disc_entry key = { .path = path }, *wanted = &key;

    return bsearch(&wanted, d->sorted, d->n, sizeof(const struct disc_entry *), by_path);
}

/* --- writing -------------------------------------------------------------------------------- */

static int put_header(struct disc *d, const char *path, int type, int mode, int64_t size,
                      struct err **err)
{
    archive_entry_clear(d->e);
    archive_entry_set_pathname(d->e, path);
    archive_entry_set_filetype(d->e, (unsigned)type);
    archive_entry_set_perm(d->e, (mode_t)mode);
    archive_entry_set_size(d->e, size);
    return archive_write_header(d->a, d->e) == ARCHIVE_OK ? 0 : disc_error(d, err);
}

static int put_data(struct disc *d, const char *file, int fd, int64_t size, struct err **err)
{
    enum { CHUNK = 256 << 10 };
    AUTO_FREE char *buf = xcalloc(1, CHUNK);
    int64_t sum = 0;

    for (;;) {
        ssize_t n = read(fd, buf, CHUNK);

        if (n < 0)
            return err_set_errno(err, errno, "cannot read '%s'", file);
        sum += n;
        if (n == 0 || sum > size)
            break;
        if (archive_write_data(d->a, buf, (size_t)n) != n)
            return disc_error(d, err);
        if (stop_check(d->stop, err) < 0)
            return -1;
    }
    if (sum != size)
        return err_set(err, ERR_CONFLICT, "'%s' changed while it was read", file);
    return 0;
}

static int put_file(struct disc *d, const struct disc_entry *x, struct err **err)
{
    int64_t size;
    AUTO_FD fd = file_open_regular(x->file, &size, err);

    if (fd < 0)
        return -1;
    if (put_header(d, x->path, AE_IFREG, x->mode, size, err) < 0)
        return -1;
    return put_data(d, x->file, fd, size, err);
}

/* The directories of `path` that `before` did not need: in sorted order those are new. */
static int put_dirs(struct disc *d, const char *before, const char *path, struct err **err)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);
        AUTO_FREE char *dir = xstrndup(path, len);

        if (strncmp(before, path, len + 1) == 0)
            continue;
        if (is_file(d, dir))
            return err_set(err, ERR_INVALID, "'%s' is to be a file and a directory on the disc",
                           dir);
        if (put_header(d, dir, AE_IFDIR, 0755, 0, err) < 0)
            return -1;
    }
    return 0;
}

static int open_disc(struct disc *d, const char *volume, int fd, struct err **err)
{
    d->a = archive_write_new();
    d->e = archive_entry_new();
    if (!d->a || !d->e)
        return err_set(err, ERR_IO, "out of memory");
    AUTO_FREE char *options = xasprintf("rockridge=strict,!joliet,!pad,iso-level=3,volume-id=%s",
                                        volume);
    if (archive_write_set_format_iso9660(d->a) != ARCHIVE_OK
        || archive_write_set_options(d->a, options) != ARCHIVE_OK
        || archive_write_set_bytes_in_last_block(d->a, 1) != ARCHIVE_OK
        || archive_write_open_fd(d->a, fd) != ARCHIVE_OK)
        return disc_error(d, err);
    return 0;
}

static int put_all(struct disc *d, const char *volume, int fd, struct err **err)
{
    if (open_disc(d, volume, fd, err) < 0)
        return -1;
    for (size_t i = 0; i < d->n; i++) {
        const char *before = i ? d->sorted[i - 1]->path : "";

        if (put_dirs(d, before, d->sorted[i]->path, err) < 0 || put_file(d, d->sorted[i], err) < 0)
            return -1;
    }
    return archive_write_close(d->a) == ARCHIVE_OK ? 0 : disc_error(d, err);
}

int archive_write_disc(const char *to, const char *volume, const struct disc_entry *entries,
                       size_t n, const struct stop *stop, struct err **err)
{
    AUTO_UTF8_SCOPE utf8 = utf8_scope_enter();
    AUTO_TEMP_FILE t = TEMP_FILE_NONE;
    __attribute__((cleanup(disc_release))) struct disc d = { .n = n, .to = to, .stop = stop };

    if (!volume_is_valid(volume))
        return err_set(err, ERR_INVALID, "'%s' is no volume name: give 1 to %d of A-Z, 0-9 and _",
                       volume, VOLUME_MAX);
    if (sort_entries(&d, entries, err) < 0 || temp_file_open(&t, to, 0644, err) < 0
        || put_all(&d, volume, t.fd, err) < 0 || iso_dates_fix(t.temp, err) < 0)
        return -1;
    log_debug(LOG_INTAKE, "wrote disc '%s' with %zu files", to, n);
    return temp_file_commit(&t, err);
}
