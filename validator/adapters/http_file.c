/* http_file - a copy in place of a download; see http_file.h. */
#include "adapters/http_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

static int check_size(const struct http_get *get, int64_t size, struct err **err)
{
    if (size > get->max_bytes)
        return err_set(err, ERR_INVALID, "'%s' has %lld bytes, more than the %lld that are allowed",
                       get->url, (long long)size, (long long)get->max_bytes);
    if (get->size >= 0 && size != get->size)
        return err_set(err, ERR_INVALID, "'%s' has %lld bytes, not %lld", get->url, (long long)size,
                       (long long)get->size);
    return 0;
}

int http_file_get(const struct http_get *get, const char *path, struct http_answer *ret,
                  struct err **err)
{
    struct stat st;
    int64_t size;
    AUTO_FD fd = file_open_regular(path, &size, err);

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0)
        return err_set_errno(err, errno, "cannot look at '%s'", path);
    AUTO_FREE char *etag = xasprintf("%lld-%lld.%09ld-%llu", (long long)size,
                                     (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                                     (unsigned long long)st.st_ino);
    if (str_eq(etag, get->etag)) {
        *ret = (struct http_answer){ .unchanged = true, .etag = TAKE(etag), .size = size };
        return 0;
    }
    if (stop_check(get->stop, err) < 0 || check_size(get, size, err) < 0
        || file_copy(path, get->to, 0600, err) < 0)
        return -1;
    if (get->progress)
        get->progress(get->arg, size, size);
    *ret = (struct http_answer){ .etag = TAKE(etag), .size = size };
    return 0;
}
