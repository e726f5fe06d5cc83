/* rpm_name - names and versions of rpm packages; see rpm_name.h. */
#include "adapters/rpm_name.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define DIGITS "0123456789"

enum { MOST = 128, EPOCH_DIGITS_MAX = 10 };

/* The first `len` bytes of `s` are in `set`, the first one in `first`. */
static bool made_of(const char *s, size_t len, const char *first, const char *set)
{
    return len > 0 && len <= MOST && strchr(first, s[0]) && strspn(s, set) >= len;
}

bool rpm_name_is_valid(const char *s)
{
    return made_of(s, strnlen(s, MOST + 1), ALNUM "_", ALNUM "-._+");
}

bool rpm_arch_is_valid(const char *s)
{
    return made_of(s, strnlen(s, MOST + 1), ALNUM, ALNUM "_");
}

bool rpm_version_is_valid(const char *s)
{
    return made_of(s, strnlen(s, MOST + 1), ALNUM "._+~^", ALNUM "._+~^");
}

bool rpm_evr_is_valid(const char *s)
{
    size_t epoch = strspn(s, DIGITS);
    const char *version = s[epoch] == ':' ? s + epoch + 1 : s;
    const char *dash = strchr(version, '-');

    if (version != s && (epoch == 0 || epoch > EPOCH_DIGITS_MAX))
        return false;
    return dash && made_of(version, (size_t)(dash - version), ALNUM "._+~^", ALNUM "._+~^")
           && rpm_version_is_valid(dash + 1);
}

/* Its suffix begins at the returned place; NULL: it has none. */
static const char *source_suffix(const char *file)
{
    static const char *const suffixes[] = { ".src.rpm", ".nosrc.rpm" };

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (str_ends(file, suffixes[i]))
            return file + strlen(file) - strlen(suffixes[i]);
    return NULL;
}

int rpm_source_split(const char *file, char **ret_name, char **ret_version)
{
    const char *end = source_suffix(file);
    const char *release = end ? memrchr(file, '-', (size_t)(end - file)) : NULL;
    const char *version = release ? memrchr(file, '-', (size_t)(release - file)) : NULL;

    if (!version)
        return -1;
    AUTO_FREE char *name = xstrndup(file, (size_t)(version - file));
    AUTO_FREE char *evr = xstrndup(version + 1, (size_t)(end - version - 1));
    if (!rpm_name_is_valid(name) || !rpm_evr_is_valid(evr))
        return -1;
    *ret_name = TAKE(name);
    if (ret_version)
        *ret_version = TAKE(evr);
    return 0;
}
