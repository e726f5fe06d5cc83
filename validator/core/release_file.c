/* The fields of a Release file; see release_file.h. */
#include "core/release_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "core/control_file.h"

enum { SIZE_DIGITS_MAX = 18 };

static int refuse(const char *name, int64_t line, const char *what, struct err **err)
{
    return err_set(err, ERR_INVALID, "%s:%lld: %s", name, (long long)line, what);
}

/* The next word of a line and the blanks before it; NULL at the end. */
static const char *next_word(const char **pos, const char *end, size_t *ret_len)
{
    while (*pos < end && (**pos == ' ' || **pos == '\t'))
        ++*pos;
    const char *begin = *pos;
    while (*pos < end && **pos != ' ' && **pos != '\t')
        ++*pos;
    *ret_len = (size_t)(*pos - begin);
    return *ret_len ? begin : NULL;
}

static bool take_size(const char *word, size_t len, int64_t *ret)
{
    int64_t n = 0;

    if (len == 0 || len > SIZE_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9')
            return false;
        n = n * 10 + (word[i] - '0');
    }
    *ret = n;
    return true;
}

/* "HASH SIZE PATH" */
static bool take_entry(const char *pos, const char *end, struct release_entry *ret)
{
    size_t hash_len, size_len, path_len, rest;
    const char *hash = next_word(&pos, end, &hash_len);
    const char *size = hash ? next_word(&pos, end, &size_len) : NULL;
    const char *path = size ? next_word(&pos, end, &path_len) : NULL;

    if (!path || next_word(&pos, end, &rest) || hash_len != DIGEST_HEX_SIZE - 1)
        return false;
    memcpy(ret->sha256, hash, hash_len);
    ret->sha256[hash_len] = '\0';
    AUTO_FREE char *copy = xstrndup(path, path_len);
    if (!digest_is_hex(ret->sha256) || !take_size(size, size_len, &ret->size)
        || !path_is_safe(copy))
        return false;
    ret->path = TAKE(copy);
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct release_entry *)a)->path, ((const struct release_entry *)b)->path);
}

static size_t count_lines(const struct control_field *f)
{
    size_t n = 1;

    for (size_t i = 0; i < f->value_len; i++)
        n += f->value[i] == '\n';
    return n;
}

static int take_entries(const struct control_field *f, const char *name, struct release_file *r,
                        struct err **err)
{
    const char *pos = f->value, *end = f->value + f->value_len;
    size_t lines = count_lines(f);

    if (lines > RELEASE_MAX_ENTRIES)
        return refuse(name, f->line, "it lists too many files", err);
    r->ptr = xcalloc(lines, sizeof(*r->ptr));
    for (int64_t line = f->line; pos < end; line++) {
        const char *nl = memchr(pos, '\n', (size_t)(end - pos));
        const char *stop = nl ? nl : end;

        if (stop > pos && !take_entry(pos, stop, &r->ptr[r->len++]))
            return refuse(name, line, "expected 'SHA256 SIZE PATH'", err);
        pos = nl ? nl + 1 : end;
    }
    if (r->len > 1)
        qsort(r->ptr, r->len, sizeof(*r->ptr), by_path);
    for (size_t i = 1; i < r->len; i++) {
        if (str_eq(r->ptr[i - 1].path, r->ptr[i].path))
            return refuse(name, f->line, "it lists a file twice", err);
    }
    return 0;
}

static int take_date(const struct control_stanza *s, const char *field, const char *name,
                     int64_t *ret, struct err **err)
{
    const struct control_field *f = control_find(s, field);
    AUTO_FREE char *text = control_text(s, field);

    if (!f)
        return 0;
    *ret = text ? release_date(text) : -1;
    return *ret < 0 ? refuse(name, f->line, "expected a date in UTC", err) : 0;
}

static bool has_word(const struct control_stanza *s, const char *field, const char *want)
{
    const struct control_field *f = control_find(s, field);
    const char *pos = f ? f->value : NULL, *word;
    size_t len;

    while (pos && (word = next_word(&pos, f->value + f->value_len, &len))) {
        if (len == strlen(want) && memcmp(word, want, len) == 0)
            return true;
    }
    return false;
}

static int take_fields(const struct control_stanza *s, const char *name, struct release_file *r,
                       struct err **err)
{
    const struct control_field *list = control_find(s, "SHA256");
    AUTO_FREE char *by_hash = control_text(s, "Acquire-By-Hash");

    r->origin = control_text(s, "Origin");
    r->label = control_text(s, "Label");
    r->suite = control_text(s, "Suite");
    r->codename = control_text(s, "Codename");
    r->version = control_text(s, "Version");
    r->by_hash = str_eq(by_hash, "yes");
    r->separate_all = has_word(s, "Architectures", "all")
                      && !has_word(s, "No-Support-for-Architecture-all", "Packages");
    if (take_date(s, "Date", name, &r->date, err) < 0
        || take_date(s, "Valid-Until", name, &r->valid_until, err) < 0)
        return -1;
    if (r->date == 0)
        return refuse(name, s->line, "it has no Date", err);
    if (!list)
        return refuse(name, s->line, "it has no SHA256 list", err);
    return take_entries(list, name, r, err);
}

int release_file_parse(const char *text, size_t len, const char *name, struct release_file *ret,
                       struct err **err)
{
    struct control_reader reader = control_reader(text, len, name);
    AUTO_CONTROL_STANZA s = { 0 }, more = { 0 };
    AUTO_RELEASE_FILE r = { 0 };

    if (len > RELEASE_MAX_BYTES)
        return err_set(err, ERR_INVALID, "%s: it is larger than %u bytes", name, RELEASE_MAX_BYTES);
    int rc = control_next(&reader, &s, err);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_INVALID, "%s: it is empty", name);
    rc = control_next(&reader, &more, err);
    if (rc < 0)
        return -1;
    if (rc > 0)
        return refuse(name, more.line, "more follows after its end", err);
    if (take_fields(&s, name, &r, err) < 0)
        return -1;
    *ret = r;
    r = (struct release_file){ 0 };
    return 0;
}

const struct release_entry *release_file_find(const struct release_file *r, const char *path)
{
    struct release_entry key = { .path = (char *)(uintptr_t)path };

    return r->len ? bsearch(&key, r->ptr, r->len, sizeof(*r->ptr), by_path) : NULL;
}

void release_file_release(struct release_file *r)
{
    char *const texts[] = { r->origin, r->label, r->suite, r->codename, r->version };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < r->len; i++)
        free(r->ptr[i].path);
    free(r->ptr);
    *r = (struct release_file){ 0 };
}
