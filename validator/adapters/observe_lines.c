/* Readers of what programs print line by line; see observe_table.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/observe_table.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "ports/observer.h"

enum { JOURNAL_STAMP = 16, HEX_MIN = 8 }; /* "Nov 25 07:14:15 " */

char *observe_line(struct observe_text *text)
{
    if (text->len == 0)
        return NULL;
    char *line = text->ptr, *nl = memchr(line, '\n', text->len);
    size_t used = nl ? (size_t)(nl - line) + 1 : text->len;

    if (nl)
        *nl = '\0';
    text->ptr += used;
    text->len -= used;
    return line;
}

static char *clean(const char *text)
{
    size_t len = strlen(text);

    return str_to_utf8(text, len < SEEN_TEXT_MAX ? len : SEEN_TEXT_MAX);
}

struct seen *observe_add(struct observe_work *w, const char *kind, const char *key,
                         const char *value)
{
    /* One too many is enough to refuse all of them. */
    if (w->ret->len > OBSERVATION_MAX)
        return &w->ret->ptr[w->ret->len - 1];
    AUTO_FREE char *k = clean(key);
    AUTO_FREE char *v = clean(value);

    return observation_add(w->ret, kind, k, v);
}

/* Cuts the text at the first `at`; what follows it, or NULL. */
static char *cut(char *text, char at)
{
    char *p = strchr(text, at);

    if (!p)
        return NULL;
    *p = '\0';
    return p + 1;
}

/* The next word of a line, or NULL. */
static char *word(char **line)
{
    char *begin = *line + strspn(*line, " \t");
    size_t len = strcspn(begin, " \t");

    if (len == 0)
        return NULL;
    *line = begin + len + (begin[len] != '\0');
    begin[len] = '\0';
    return begin;
}

static int not_understood(const struct observer *o, const char *line, struct err **err)
{
    size_t len = strlen(line);
    AUTO_FREE char *shown = str_printable(line, len < 100 ? len : 100, false);

    return err_set(err, ERR_INVALID, "of section '%s' the line '%s' is not understood", o->name,
                   shown);
}

int observe_since(const struct observer *o, struct observe_work *w, struct observe_text text,
                  struct err **err)
{
    char *line = observe_line(&text);
    AUTO_ERR ignored = NULL;
    int64_t since = 0;

    if (!line || unit_parse_int(line, 0, INT64_MAX / 2, &since, &ignored) < 0)
        return not_understood(o, line ? line : "", err);
    w->since = since;
    return 0;
}

int observe_keep(const struct observer *o, struct observe_work *w, struct observe_text text,
                 struct err **err)
{
    (void)err;
    if (str_eq(o->name, "merged"))
        w->merged = text;
    else if (str_eq(o->name, "digest"))
        w->digests = text;
    else if (str_eq(o->name, "holder"))
        w->holders = text;
    else
        w->names = text;
    return 0;
}

int observe_columns(const struct observer *o, struct observe_work *w, struct observe_text text,
                    struct err **err)
{
    for (char *line; (line = observe_line(&text));) {
        char *value = cut(line, '\t');
        if (!value)
            return not_understood(o, line, err);
        /* "3.0.9-1 ii ": a status of one that is as it should be says nothing. */
        for (char *end = value + strlen(value); end > value && end[-1] == ' ';)
            *--end = '\0';
        if (str_ends(value, " ii"))
            value[strlen(value) - 3] = '\0';
        observe_add(w, o->kind, line, value);
    }
    return 0;
}

int observe_units(const struct observer *o, struct observe_work *w, struct observe_text text,
                  struct err **err)
{
    for (char *line; (line = observe_line(&text));) {
        char *unit = word(&line), *load = word(&line), *active = word(&line), *sub = word(&line);
        if (!unit || !load || !active || !sub)
            return not_understood(o, unit ? unit : "", err);
        /* What another unit only mentions is not there. */
        if (str_eq(load, "not-found") && str_eq(active, "inactive"))
            continue;
        AUTO_FREE char *value = xasprintf("%s, %s (%s)", load, active, sub);
        observe_add(w, str_ends(unit, ".timer") ? "timer" : o->kind, unit, value);
    }
    return 0;
}

int observe_accounts(const struct observer *o, struct observe_work *w, struct observe_text text,
                     struct err **err)
{
    for (char *line; (line = observe_line(&text));) {
        char *rest = cut(line, ':'), *value = rest ? cut(rest, ':') : NULL;
        if (!value)
            return not_understood(o, line, err);
        observe_add(w, o->kind, line, value); /* without the password */
    }
    return 0;
}

/* What stands among the settings and is none: counters, and what is otherwise each time. */
static bool is_setting(const char *name)
{
    static const char *const counters[] = {
        "dev/cdrom/info",
        "fs/aio-nr",
        "fs/dentry-state",
        "fs/file-nr",
        "fs/inode-nr",
        "fs/inode-state",
        "fs/quota/",
        "kernel/ns_last_pid",
        "kernel/pty/nr",
        "kernel/random/",
        "net/netfilter/nf_conntrack_count",
        "vm/stat_refresh",
        "vm/user_reserve_kbytes",
    };

    for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
        if (str_starts(name, counters[i]))
            return false;
    }
    return true;
}

/* A setting of several lines is printed as so many. */
int observe_sysctl(const struct observer *o, struct observe_work *w, struct observe_text text,
                   struct err **err)
{
    struct seen *last = NULL;

    for (char *line; (line = observe_line(&text));) {
        char *value = cut(line, ':');
        if (!value || !str_starts(line, "/proc/sys/"))
            return not_understood(o, line, err);
        if (!is_setting(line + strlen("/proc/sys/")))
            continue;
        AUTO_FREE char *key = clean(line + strlen("/proc/sys/"));
        if (!last || !str_eq(last->key, key)) {
            last = observe_add(w, o->kind, line + strlen("/proc/sys/"), value);
            continue;
        }
        AUTO_FREE char *more = clean(value);
        AUTO_FREE char *both = xasprintf("%s; %s", last->value, more);
        if (strlen(both) <= SEEN_TEXT_MAX) {
            free(last->value);
            last->value = TAKE(both);
        }
    }
    return 0;
}

int observe_modules(const struct observer *o, struct observe_work *w, struct observe_text text,
                    struct err **err)
{
    for (char *line; (line = observe_line(&text));) {
        char *name = word(&line);
        if (!name)
            return not_understood(o, "", err);
        observe_add(w, o->kind, name, "loaded");
    }
    return 0;
}

/* Each line is a fact of its own: which of them are there is compared, not in what order. */
int observe_config(const struct observer *o, struct observe_work *w, struct observe_text text,
                   struct err **err)
{
    for (char *line; (line = observe_line(&text));) {
        char *fact = cut(line, '\t');
        if (!fact)
            return not_understood(o, line, err);
        fact += strspn(fact, " \t");
        if (*fact == '\0' || *fact == '#')
            continue;
        AUTO_FREE char *key = xasprintf("%s: %s", line, fact);
        observe_add(w, o->kind, key, "set");
    }
    return 0;
}

/* Numbers and long hexadecimal words differ each time: what is left tells what went wrong. */
static void make_signature(char *text)
{
    char *to = text;

    for (const char *p = text; *p;) {
        size_t hex = strspn(p, "0123456789abcdefABCDEF"), digits = strspn(p, "0123456789");
        bool whole = p == text || !isalnum((unsigned char)p[-1]);

        if (whole && hex >= HEX_MIN && !isalnum((unsigned char)p[hex])) {
            *to++ = '#';
            p += hex;
        } else if (digits > 0) {
            *to++ = '#';
            p += digits;
        } else {
            *to++ = *p++;
        }
    }
    *to = '\0';
}

int observe_journal(const struct observer *o, struct observe_work *w, struct observe_text text,
                    struct err **err)
{
    (void)err;
    for (char *line; (line = observe_line(&text));) {
        /* The rest of a message of several lines is indented; the first one tells enough. */
        if (strlen(line) <= JOURNAL_STAMP || line[0] == ' ' || str_starts(line, "-- "))
            continue;
        make_signature(line + JOURNAL_STAMP);
        observe_add(w, o->kind, line + JOURNAL_STAMP, "logged");
    }
    return 0;
}

/* Does "/lib/x" stand for "/usr/lib/x"?  `merged` has the names of such directories. */
static bool is_merged(struct observe_text merged, const char *path)
{
    size_t len = strcspn(path + 1, "/");

    for (const char *p = merged.ptr, *end = p + merged.len; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((nl ? nl : end) - p);
        if (n == len && strncmp(p, path + 1, n) == 0)
            return path[1 + n] == '/';
        p += n + 1;
    }
    return false;
}

int observe_owners(const struct observer *o, struct observe_work *w, struct observe_text text,
                   struct err **err)
{
    static const char mark[] = ".list:/";

    if (w->merged.len > 100)
        return err_set(err, ERR_INVALID, "it has too many merged directories");
    for (char *line; (line = observe_line(&text));) {
        char *path = strstr(line, mark);
        if (!path)
            return not_understood(o, line, err);
        if (w->ret->owned_len >= OBSERVATION_MAX)
            return err_set(err, ERR_INVALID, "the packages have more than %d files",
                           OBSERVATION_MAX);
        *path = '\0';
        path += strlen(mark) - 1;
        AUTO_FREE char *full = is_merged(w->merged, path) ? xasprintf("/usr%s", path) : NULL;
        AUTO_FREE char *p = clean(full ? full : path), *package = clean(line);
        observation_add_owned(w->ret, p, package);
    }
    return 0;
}
