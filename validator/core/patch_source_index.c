/* What a Packages file says of its packages, into the store. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/unit.h"
#include "core/control_file.h"
#include "core/patch_source_work.h"
#include "core/site.h"
#include "ports/archive.h"
#include "store/store.h"

enum { INDEX_MAX = 1 << 30, INDEX_PACKAGES_MAX = 500000, WORD_MAX = 512 };

struct entry {
    char *name, *arch, *version, *origin, *file, *size, *sha256;
    int64_t bytes;
};

static void entry_release(struct entry *e)
{
    char *const texts[] = { e->name, e->arch, e->version, e->origin, e->file, e->size, e->sha256 };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
}

/* Printable ASCII without blanks: names, versions and paths become arguments and file names. */
static bool is_word(const char *s)
{
    size_t len = s ? strlen(s) : 0;

    if (len == 0 || len > WORD_MAX)
        return false;
    for (; *s; s++) {
        if (*s <= ' ' || *s > '~')
            return false;
    }
    return true;
}

static bool is_package_name(const char *s)
{
    return is_word(s) && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.")] == '\0'
           && s[0] != '-';
}

/* "openssl (3.0.11-1)" names source and its version. */
static char *source_of(const struct control_stanza *s, const char *package)
{
    AUTO_FREE char *source = control_text(s, "Source");

    if (!source || !*source)
        return xstrdup(package);
    return xstrndup(source, strcspn(source, " ("));
}

static bool take_entry(const struct control_stanza *s, struct entry *e)
{
    AUTO_ERR ignored = NULL;

    e->name = control_text(s, "Package");
    e->arch = control_text(s, "Architecture");
    e->version = control_text(s, "Version");
    e->file = control_text(s, "Filename");
    e->size = control_text(s, "Size");
    e->sha256 = control_text(s, "SHA256");
    if (!is_package_name(e->name) || !is_word(e->arch) || !is_word(e->version) || !is_word(e->file)
        || !e->size || !e->sha256)
        return false;
    /* "./x.deb" is what dpkg-scanpackages makes of it. */
    if (str_starts(e->file, "./"))
        memmove(e->file, e->file + 2, strlen(e->file) - 1);
    e->origin = source_of(s, e->name);
    return is_package_name(e->origin) && path_is_safe(e->file) && str_ends(e->file, ".deb")
           && digest_is_hex(e->sha256)
           && unit_parse_int(e->size, 1, INT64_MAX / 2, &e->bytes, &ignored) == 0;
}

static int add_entry(struct query **q, struct store *tx, const struct patch_source *s,
                     const struct entry *e, struct err **err)
{
    const struct arg *args = ARGS(A_INT(s->id), A_TEXT(e->name), A_TEXT(e->arch),
                                  A_TEXT(e->version), A_TEXT(e->origin), A_TEXT(e->file),
                                  A_INT(e->bytes), A_TEXT(e->sha256));

    if (*q) {
        if (query_again(*q, args, err) < 0)
            return -1;
    } else {
        *q = store_query(tx,
                         "INSERT OR IGNORE INTO patch_source_package"
                         " (source, name, arch, version, origin, file, size, sha256)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         args, err);
    }
    return *q && query_step(*q, err) >= 0 ? 0 : -1;
}

static int add_stanza(struct query **q, struct store *tx, const struct patch_source *s,
                      const struct control_stanza *stanza, const char *name, int64_t *count,
                      struct err **err)
{
    __attribute__((cleanup(entry_release))) struct entry e = { 0 };

    if (!take_entry(stanza, &e))
        return err_set(err, ERR_INVALID,
                       "%s:%lld: expected a package with Package, Version, Architecture, Filename,"
                       " Size and SHA256",
                       name, (long long)stanza->line);
    if (!str_eq(e.arch, s->spec.arch) && !str_eq(e.arch, "all"))
        return 0;
    if (++*count > INDEX_PACKAGES_MAX)
        return err_set(err, ERR_INVALID, "%s: it has more than %d packages", name,
                       INDEX_PACKAGES_MAX);
    return add_entry(q, tx, s, &e, err);
}

int source_index_add(struct store *tx, const struct patch_source *s, const char *text, size_t len,
                     const char *name, int64_t *ret_count, struct err **err)
{
    struct control_reader r = control_reader(text, len, name);
    AUTO_CONTROL_STANZA stanza = { 0 };
    AUTO_QUERY q = NULL;
    int rc;

    while ((rc = control_next(&r, &stanza, err)) > 0) {
        if (add_stanza(&q, tx, s, &stanza, name, ret_count, err) < 0)
            return -1;
    }
    return rc;
}

/* --- out of its compression ----------------------------------------------------------------- */

static int check_plain(const json_t *index, const char *path, struct err **err)
{
    const json_t *plain = json_object_get(index, "plain");
    char hex[DIGEST_HEX_SIZE];
    int64_t size;

    if (!plain)
        return 0;
    if (digest_file(path, hex, &size, err) < 0)
        return -1;
    if (size != json_int_at(plain, "size") || !str_eq(hex, json_str_at(plain, "sha256")))
        return err_set(err, ERR_INVALID, "what '%s' holds is not what the signed release lists",
                       json_str_at(index, "path"));
    return 0;
}

char *source_index_read(const struct source_work *w, const json_t *index, size_t *ret_len,
                        struct err **err)
{
    AUTO_FREE char *packed = source_file_path(w, json_str_at(index, "sha256"));
    AUTO_FREE char *plain = source_file_path(w, "index.tmp");
    const json_t *listed = json_object_get(index, "plain");
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    if (str_ends(json_str_at(index, "path"), "/Packages"))
        return file_read(packed, INDEX_MAX, ret_len, err);
    limits.max_bytes = INDEX_MAX;
    if (listed && json_int_at(listed, "size") < INDEX_MAX)
        limits.max_bytes = json_int_at(listed, "size");
    if (w->site->archive->decompress(packed, plain, &limits, w->site->stop, err) < 0
        || check_plain(index, plain, err) < 0) {
        err_wrap(err, "index '%s'", json_str_at(index, "path"));
        unlink(plain);
        return NULL;
    }
    char *text = file_read(plain, INDEX_MAX, ret_len, err);
    unlink(plain);
    return text;
}
