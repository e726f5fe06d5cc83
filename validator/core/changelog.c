/* changelog - see changelog.h. */
#include "core/changelog.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/version.h"

enum { VERSION_LEN_MAX = 128, YEAR_DIGITS = 4, NUMBER_MIN = 4, NUMBER_MAX = 12 };

static bool is_one_of(char c, const char *others)
{
    return c && (isalnum((unsigned char)c) || strchr(others, c));
}

/* "openssl (3.0.15-1~deb12u1) bookworm-security; urgency=medium" -> the version, which the caller
 * frees; NULL: the line begins no entry. */
static char *version_in(const char *line, size_t len)
{
    size_t name = 0;

    while (name < len && is_one_of(line[name], "+-."))
        name++;
    if (name == 0 || name + 2 >= len || line[name] != ' ' || line[name + 1] != '(')
        return NULL;
    const char *begin = line + name + 2;
    const char *end = memchr(begin, ')', len - name - 2);
    if (!end || end == begin || end - begin > VERSION_LEN_MAX)
        return NULL;
    for (const char *c = begin; c < end; c++) {
        if (!is_one_of(*c, ".+-~:"))
            return NULL;
    }
    return xstrndup(begin, (size_t)(end - begin));
}

static size_t digits(const char *s, const char *end)
{
    size_t n = 0;

    while (s + n < end && isdigit((unsigned char)s[n]))
        n++;
    return n;
}

/* The length of the CVE id that stands here; 0: none. */
static size_t cve_at(const char *s, const char *end)
{
    static const char prefix[] = "CVE-";
    size_t len = strlen(prefix);

    if ((size_t)(end - s) < len || memcmp(s, prefix, len) != 0
        || digits(s + len, end) != YEAR_DIGITS)
        return 0;
    len += YEAR_DIGITS;
    if (s + len >= end || s[len] != '-')
        return 0;
    size_t number = digits(s + len + 1, end);
    return number >= NUMBER_MIN && number <= NUMBER_MAX ? len + 1 + number : 0;
}

/* From `first` on are those of this changelog: an older entry that names it again counts. */
static void add(json_t *ret, size_t first, const char *cve, const char *package,
                const char *version)
{
    for (size_t i = 0; i < json_array_size(ret); i++) {
        json_t *claim = json_array_get(ret, i);

        if (!str_eq(json_str_at(claim, "cve"), cve))
            continue;
        if (i >= first)
            json_object_set_new(claim, "version", json_string(version));
        return;
    }
    if (json_array_size(ret) < CHANGELOG_CLAIMS_MAX)
        json_array_append_new(ret, json_pack("{s:s, s:s, s:s, s:s}", "cve", cve, "origin",
                                             "changelog", "package", package, "version", version));
}

static void take_line(const char *line, size_t len, const char *package, const char *version,
                      size_t first, json_t *ret)
{
    const char *end = line + len;

    for (const char *s = line; s < end; s++) {
        size_t n = *s == 'C' ? cve_at(s, end) : 0;

        if (n == 0)
            continue;
        AUTO_FREE char *cve = xstrndup(s, n);
        add(ret, first, cve, package, version);
        s += n - 1;
    }
}

void changelog_claims(const char *text, size_t len, const char *package, const char *since,
                      json_t *ret)
{
    size_t first = json_array_size(ret);
    AUTO_FREE char *version = NULL;

    for (const char *end = text + len, *line = text; line < end;) {
        const char *nl = memchr(line, '\n', (size_t)(end - line));
        size_t n = (size_t)((nl ? nl : end) - line);
        AUTO_FREE char *next = version_in(line, n);

        if (next && (since ? version_deb_compare(next, since) <= 0 : version != NULL))
            return;
        if (next) {
            mem_freep(&version);
            version = TAKE(next);
        } else if (version) {
            take_line(line, n, package, version, first, ret);
        }
        line += n + (nl ? 1 : 0);
    }
}
