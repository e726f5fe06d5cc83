/* debsecan_output - see debsecan_output.h.  An entry is
 *
 *     CVE-2024-5535 (fixed, remotely exploitable, low urgency)
 *       the description, one line
 *       installed: libssl3 3.0.11-1~deb12u1
 *                  (built from openssl 3.0.11-1~deb12u1)
 *                  package is obsolete
 *       fixed in unstable: openssl 3.3.2-1 (source package)
 *       fixed on branch:   openssl 3.0.15-1~deb12u1 (source package)
 *       fix is available for the selected suite (bookworm)
 *
 * and an empty line.  The description is the second line, whatever it looks like.
 */
#include "adapters/debsecan_output.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/deb_name.h"
#include "adapters/feed_text.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { FINDINGS_MAX = 1000000, SHOWN_MAX = 100 };

struct reader {
    const char *pos, *end;
    int line;
    const char *source;
    int (*order)(const char *a, const char *b);
    struct finding_list *ret;
};

struct entry {
    char *id, *binary, *binary_version, *package, *version, *fix;
    enum severity severity;
    bool of_binary, fix_available;
    struct strv fixes;
};

static void entry_release(struct entry *e)
{
    char *const texts[] = { e->id, e->binary, e->binary_version, e->package, e->version, e->fix };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    strv_release(&e->fixes);
}

/* NULL at the end; the caller frees. */
static char *next_line(struct reader *r)
{
    if (r->pos == r->end)
        return NULL;
    const char *nl = memchr(r->pos, '\n', (size_t)(r->end - r->pos));
    size_t len = (size_t)((nl ? nl : r->end) - r->pos);
    char *line = xstrndup(r->pos, len);

    r->pos += nl ? len + 1 : len;
    r->line++;
    return line;
}

static int refuse(const struct reader *r, const char *line, const char *wanted, struct err **err)
{
    AUTO_FREE char *shown = str_printable(line ? line : "", line ? strnlen(line, SHOWN_MAX) : 0,
                                          false);

    return err_set(err, ERR_INVALID, "what debsecan printed, line %d: expected %s, found '%s'",
                   r->line, wanted, shown);
}

/* "PREFIXname versionSUFFIX" into its two words. */
static bool two_words(const char *line, const char *prefix, const char *suffix, char **ret_name,
                      char **ret_version)
{
    if (!line || !str_starts(line, prefix) || !str_ends(line, suffix)
        || strlen(line) < strlen(prefix) + strlen(suffix))
        return false;
    AUTO_FREE char *words = xstrndup(line + strlen(prefix),
                                     strlen(line) - strlen(prefix) - strlen(suffix));
    char *blank = strchr(words, ' ');
    if (!blank)
        return false;
    *blank = '\0';
    if (!deb_dpkg_name_is_valid(words) || !deb_dpkg_version_is_valid(blank + 1))
        return false;
    free(*ret_name);
    free(*ret_version);
    *ret_name = xstrdup(words);
    *ret_version = xstrdup(blank + 1);
    return true;
}

static enum severity urgency_in(const char *notes)
{
    return strstr(notes, "high urgency")     ? SEVERITY_HIGH
           : strstr(notes, "medium urgency") ? SEVERITY_MEDIUM
           : strstr(notes, "low urgency")    ? SEVERITY_LOW
                                             : SEVERITY_UNKNOWN;
}

static int take_head(const struct reader *r, const char *line, struct entry *e, struct err **err)
{
    size_t len = strcspn(line, " ");

    if (len == 0 || (line[len] && (!str_starts(line + len, " (") || !str_ends(line, ")"))))
        return refuse(r, line, "'ID (NOTES)'", err);
    e->id = xstrndup(line, len);
    if (!feed_text_is_valid(e->id))
        return refuse(r, line, "the id of a vulnerability", err);
    e->severity = urgency_in(line + len);
    return 0;
}

/* One of the lines behind the first four. */
static int take_more(const struct reader *r, const char *line, struct entry *e, struct err **err)
{
    static const char *const fixes[] = { "  fixed in unstable: ", "  fixed on branch:   " };
    static const char *const kinds[] = { " (source package)", " (binary package)" };
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *version = NULL;

    if (str_eq(line, "             package is obsolete"))
        return 0;
    if (str_starts(line, "  fix is available for the selected suite (") && str_ends(line, ")")) {
        e->fix_available = true;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(fixes); i++) {
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            if (!two_words(line, fixes[i], kinds[k], &name, &version))
                continue;
            e->of_binary = k == 1;
            strv_add(&e->fixes, version);
            return 0;
        }
    }
    return refuse(r, line, "a version that is fixed, or an empty line", err);
}

static int read_entry(struct reader *r, const char *head, struct entry *e, struct err **err)
{
    AUTO_FREE char *description = NULL;
    AUTO_FREE char *installed = NULL;
    AUTO_FREE char *built = NULL;

    if (take_head(r, head, e, err) < 0)
        return -1;
    description = next_line(r);
    if (!description || !str_starts(description, "  "))
        return refuse(r, description, "a description", err);
    installed = next_line(r);
    if (!two_words(installed, "  installed: ", "", &e->binary, &e->binary_version))
        return refuse(r, installed, "'installed: PACKAGE VERSION'", err);
    built = next_line(r);
    if (!two_words(built, "             (built from ", ")", &e->package, &e->version))
        return refuse(r, built, "'(built from PACKAGE VERSION)'", err);
    for (;;) {
        AUTO_FREE char *line = next_line(r);
        if (!line)
            return refuse(r, line, "an empty line", err);
        if (!*line)
            return 0;
        if (take_more(r, line, e, err) < 0)
            return -1;
    }
}

/* The least that is newer than what is installed. */
static const char *fix_of(const struct reader *r, const struct entry *e)
{
    const char *installed = e->of_binary ? e->binary_version : e->version, *best = NULL;

    for (size_t i = 0; e->fix_available && i < e->fixes.len; i++) {
        const char *fix = e->fixes.ptr[i];
        if (r->order(fix, installed) > 0 && (!best || r->order(fix, best) < 0))
            best = fix;
    }
    return best;
}

static void add(struct reader *r, const struct entry *e)
{
    struct finding f = {
        .id = e->id,
        .package = e->of_binary ? e->binary : e->package,
        .installed = e->of_binary ? e->binary_version : e->version,
        .fixed_in = (char *)(uintptr_t)fix_of(r, e),
        .binaries = e->binary,
        .advisory = e->id,
        .source = (char *)(uintptr_t)r->source,
        .severity = e->severity,
    };

    finding_list_add(r->ret, &f);
}

int debsecan_output_parse(const char *text, size_t len, const char *source,
                          int (*order)(const char *a, const char *b), struct finding_list *ret,
                          struct err **err)
{
    struct reader r = {
        .pos = text, .end = text + len, .source = source, .order = order, .ret = ret
    };

    if (memchr(text, '\0', len))
        return err_set(err, ERR_INVALID, "what debsecan printed holds a NUL character");
    for (;;) {
        __attribute__((cleanup(entry_release))) struct entry e = { 0 };
        AUTO_FREE char *head = next_line(&r);

        if (!head)
            return 0;
        if (ret->len >= FINDINGS_MAX)
            return err_set(err, ERR_INVALID, "debsecan printed more than %d findings",
                           FINDINGS_MAX);
        if (read_entry(&r, head, &e, err) < 0)
            return -1;
        add(&r, &e);
    }
}
