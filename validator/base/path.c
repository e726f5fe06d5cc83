/* path - names of files as text, and the one rule for names of hostile origin; base/file.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { PATH_BYTES_MAX = 4096 };

static bool component_is_safe(const char *s, size_t len)
{
    if (len == 0 || (len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    return true;
}

/* A leading or trailing slash shows up as an empty component. */
bool path_is_safe(const char *path)
{
    if (strnlen(path, PATH_BYTES_MAX + 1) > PATH_BYTES_MAX)
        return false;
    for (;;) {
        size_t len = strcspn(path, "/");
        if (!component_is_safe(path, len))
            return false;
        if (!path[len])
            return true;
        path += len + 1;
    }
}

char *path_join(const char *a, const char *b)
{
    if (!*a)
        return xstrdup(b);
    if (!*b)
        return xstrdup(a);
    while (*b == '/')
        b++;
    return xasprintf(str_ends(a, "/") ? "%s%s" : "%s/%s", a, b);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

char *path_dir(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return xstrdup(".");
    if (slash == path)
        return xstrdup("/");
    return xstrndup(path, (size_t)(slash - path));
}

char *path_absolute(const char *path, struct err **err)
{
    char *real = realpath(path, NULL);

    if (!real)
        err_set_errno(err, errno, "cannot resolve '%s'", path);
    return real;
}
