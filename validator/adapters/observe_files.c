/*
 * The reader of the walk over the guest's disk.
 *
 * A file is two records that end with NUL: "TYPE MODE UID:GID SIZE WRITTEN CHANGED PATH" and the
 * target when it is a symbolic link.  The digests are "HEX  PATH" of those that were touched.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/observe_table.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "ports/observer.h"

enum { TYPE, MODE, OWNER, SIZE, WRITTEN, CHANGED, COLUMNS, SETID_BITS = 06000 };

/* A record of this text; NULL: no more, or one that does not end. */
static char *next_record(struct observe_text *text)
{
    char *begin = text->ptr, *nul = text->len ? memchr(begin, '\0', text->len) : NULL;

    if (!nul)
        return NULL;
    text->ptr = nul + 1;
    text->len -= (size_t)(text->ptr - begin);
    return begin;
}

/* Cuts the columns off; what is left is the path, from "/" on. */
static char *cut_columns(char *record, char *col[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        char *space = strchr(record, ' ');
        if (!space)
            return NULL;
        *space = '\0';
        col[i] = record;
        record = space + 1;
    }
    return record[0] == '/' ? record : NULL;
}

static bool is_number(const char *s, const char *digits)
{
    return *s && s[strspn(s, digits)] == '\0' && strlen(s) < 32;
}

static bool columns_are_valid(char *col[COLUMNS])
{
    return strlen(col[TYPE]) == 1 && strchr("fdlbcps", col[TYPE][0])
           && is_number(col[MODE], "01234567") && is_number(col[OWNER], "0123456789:")
           && is_number(col[SIZE], "0123456789") && is_number(col[WRITTEN], "-0123456789.")
           && is_number(col[CHANGED], "-0123456789.");
}

static const char *word_of(char type)
{
    switch (type) {
    case 'f':
        return "file";
    case 'd':
        return "directory";
    case 'l':
        return "link";
    case 'p':
        return "pipe";
    case 's':
        return "socket";
    default:
        return "device";
    }
}

/* Times of what is not a regular file, and sizes of directories, follow from what is in them. */
static char *describe(char *col[COLUMNS], const char *target)
{
    char type = col[TYPE][0];

    if (type == 'l')
        return xasprintf("link to %s", target);
    if (type == 'f')
        return xasprintf("file, mode %s, owner %s, %s bytes", col[MODE], col[OWNER], col[SIZE]);
    return xasprintf("%s, mode %s, owner %s", word_of(type), col[MODE], col[OWNER]);
}

static bool is_cron(const char *path)
{
    static const char *const places[] = { "/etc/cron", "/etc/anacrontab", "/var/spool/cron/",
                                          "/var/spool/anacron/" };

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (str_starts(path, places[i]))
            return true;
    }
    return false;
}

static int take_file(const struct observer *o, struct observe_work *w, char *record,
                     const char *target, struct err **err)
{
    char *col[COLUMNS];
    char *path = cut_columns(record, col);

    if (!path || !columns_are_valid(col))
        return err_set(err, ERR_INVALID, "the walk over its files is garbled");
    AUTO_FREE char *value = describe(col, target);
    struct seen *s = observe_add(w, is_cron(path) ? "cron" : o->kind, path, value);
    s->touched = strtoll(col[CHANGED], NULL, 10) >= w->since;
    if (col[TYPE][0] != 'f')
        return 0;
    s->written = xstrdup(col[WRITTEN]);
    long mode = strtol(col[MODE], NULL, 8);
    if (!(mode & SETID_BITS))
        return 0;
    AUTO_FREE char *who = xasprintf("mode %s, owner %s", col[MODE], col[OWNER]);
    observe_add(w, "setuid", path, who);
    return 0;
}

static int by_kind_and_key(const void *a, const void *b)
{
    return seen_order(a, b);
}

static struct seen *find(const struct observation *o, const char *kind, char *key)
{
    const struct seen wanted = { .kind = kind, .key = key };

    return o->len ? bsearch(&wanted, o->ptr, o->len, sizeof(*o->ptr), by_kind_and_key) : NULL;
}

static int take_digest(struct observe_work *w, char *record, struct err **err)
{
    char *path = record + DIGEST_HEX_SIZE + 1;

    if (strlen(record) < DIGEST_HEX_SIZE + 1 || strncmp(record + DIGEST_HEX_SIZE - 1, "  ", 2) != 0)
        return err_set(err, ERR_INVALID, "its list of digests is garbled");
    record[DIGEST_HEX_SIZE - 1] = '\0';
    if (!digest_is_hex(record))
        return err_set(err, ERR_INVALID, "its list of digests is garbled");
    AUTO_FREE char *key = str_to_utf8(path, strlen(path));
    struct seen *s = find(w->ret, is_cron(path) ? "cron" : "file", key);
    if (s && s->written && !s->digest)
        s->digest = xstrdup(record);
    return 0;
}

int observe_files(const struct observer *o, struct observe_work *w, struct observe_text text,
                  struct err **err)
{
    char *record;

    while ((record = next_record(&text))) {
        const char *target = next_record(&text);
        if (!target || w->ret->len + 2 > OBSERVATION_MAX)
            return err_set(err, ERR_INVALID,
                           target ? "it has more than %d files"
                                  : "the walk over its files ends too soon (%d)",
                           OBSERVATION_MAX);
        if (take_file(o, w, record, target, err) < 0)
            return -1;
    }
    if (text.len > 0)
        return err_set(err, ERR_INVALID, "the walk over its files ends too soon");
    return 0;
}

int observe_digests(struct observe_work *w, struct err **err)
{
    char *record;

    while ((record = next_record(&w->digests))) {
        if (take_digest(w, record, err) < 0)
            return -1;
    }
    return 0;
}
