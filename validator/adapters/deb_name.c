/* deb_name - what may stand in a package's name, version and architecture; see deb_name.h. */
#include "adapters/deb_name.h"

#include <stddef.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum { NAME_MAX_LEN = 128, EPOCH_DIGITS_MAX = 9 };

/* All of `s` is in `set`, its first byte in `first`, and it is not too long. */
static bool made_of(const char *s, const char *first, const char *set, size_t min)
{
    size_t len = strnlen(s, NAME_MAX_LEN + 1);

    return len >= min && len <= NAME_MAX_LEN && strchr(first, s[0]) && strspn(s, set) == len;
}

bool deb_name_is_valid(const char *s)
{
    return made_of(s, LOWER DIGITS, LOWER DIGITS "+-.", 2);
}

bool deb_arch_is_valid(const char *s)
{
    return made_of(s, LOWER DIGITS, LOWER DIGITS "-", 1);
}

/* [epoch:]upstream[-revision]; ':' may stand in upstream only after an epoch, '-' only when there
 * is a revision, so that both are found from the ends. */
bool deb_version_is_valid(const char *s)
{
    size_t epoch = strspn(s, DIGITS);
    const char *upstream = s;

    if (s[epoch] == ':' && (epoch == 0 || epoch > EPOCH_DIGITS_MAX))
        return false;
    if (s[epoch] == ':')
        upstream = s + epoch + 1;
    if (!made_of(upstream, DIGITS, UPPER LOWER DIGITS ".+-~:", 1))
        return false;
    if (upstream == s && strchr(upstream, ':'))
        return false;
    const char *dash = strrchr(upstream, '-');
    return !dash || (dash[1] && !strchr(dash, ':'));
}

bool deb_dpkg_name_is_valid(const char *s)
{
    const char *colon = strchrnul(s, ':');
    size_t len = strspn(s, UPPER LOWER DIGITS "+-._");

    if (len == 0 || !strchr(UPPER LOWER DIGITS, s[0]) || s + len != colon || len > NAME_MAX_LEN)
        return false;
    return !*colon || deb_arch_is_valid(colon + 1);
}

bool deb_dpkg_version_is_valid(const char *s)
{
    return made_of(s, UPPER LOWER DIGITS, UPPER LOWER DIGITS ".+-~:_", 1);
}
