/* What is installed in an image; see image_packages.h. */
#include "core/image_packages.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/image.h"
#include "core/packages.h"
#include "core/site.h"
#include "store/blob.h"
#include "store/store.h"

enum { LIST_MAX = 64 << 20, PACKAGES_MAX = 100000, WORD_MAX = 512 };

/* A version may have a state behind it: "1.2-3 (half-configured)". */
static bool is_word(const char *s, size_t len)
{
    if (len == 0 || len > WORD_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    }
    return true;
}

static int add(struct package_list *l, const char *name, const char *version, const char *source,
               const char *source_version)
{
    size_t len = strcspn(version, " ");

    if (!is_word(name, strlen(name)) || !is_word(version, len) || l->len >= PACKAGES_MAX)
        return -1;
    if (source
        && (!is_word(source, strlen(source)) || !source_version
            || !is_word(source_version, strlen(source_version))))
        return -1;
    AUTO_FREE char *plain = xstrndup(version, len);
    package_list_add_source(l, name, plain, source, source_version);
    return 0;
}

/* Names and versions go on to apt, so they must look like some. */
static int take_words(const struct package_list *from, struct package_list *ret, struct err **err)
{
    for (size_t i = 0; i < from->len; i++) {
        const struct package *p = &from->ptr[i];
        size_t len = strcspn(p->version, " ");
        AUTO_FREE char *plain = xstrndup(p->version, len);

        if (!is_word(p->name, strlen(p->name)) || !is_word(plain, len) || ret->len >= PACKAGES_MAX)
            return err_set(err, ERR_CORRUPT, "its entry %zu is no package", i + 1);
        package_list_add_source(ret, p->name, plain, p->source, p->source_version);
    }
    return 0;
}

/* 1: recorded with the image. */
static int read_recorded(const struct site *site, const struct image *i, struct package_list *ret,
                         struct err **err)
{
    AUTO_QUERY q = store_query(site->store, "SELECT package_list FROM image WHERE id = ?",
                               ARGS(A_INT(i->id)), err);
    int rc = q ? query_step(q, err) : -1;
    size_t len;

    if (rc <= 0 || query_is_null(q, 0))
        return rc < 0 ? -1 : 0;
    AUTO_FREE char *text = blob_get(site->blobs, query_text(q, 0), LIST_MAX, &len, err);
    AUTO_JSON *j = text ? json_parse(text, len, LIST_MAX, "list of packages", err) : NULL;
    return j && package_list_from_json(j, ret, err) == 0 ? 1 : -1;
}

int image_packages(const struct site *site, const struct image *i, struct package_list *ret,
                   int64_t *ret_run, struct err **err)
{
    AUTO_PACKAGE_LIST found = { 0 }, list = { 0 };
    int64_t run = 0;
    int rc = read_recorded(site, i, &found, err);

    if (rc == 0)
        rc = package_list_of_image(site, i->id, &found, &run, err);
    if (rc < 0 || take_words(&found, &list, err) < 0)
        return err_wrap(err, "the packages of image '%s'", i->name);
    *ret = list;
    list = (struct package_list){ 0 };
    if (ret_run)
        *ret_run = run;
    return 0;
}

int image_packages_record(const struct site *site, const struct image *i,
                          const struct package_list *l, struct err **err)
{
    AUTO_JSON *list = package_list_json(l);
    AUTO_FREE char *text = json_canonical(list);
    char hex[DIGEST_HEX_SIZE];

    if (blob_put(site->blobs, text, strlen(text), hex, err) < 0
        || store_exec(site->store, "UPDATE image SET package_list = ? WHERE id = ?",
                      ARGS(A_TEXT(hex), A_INT(i->id)), err)
               < 0)
        return err_wrap(err, "record the packages of image '%s'", i->name);
    return 0;
}

/* --- from a file ---------------------------------------------------------------------------- */

static int parse_line(const char *line, size_t len, struct package_list *l)
{
    AUTO_FREE char *copy = xstrndup(line, len);
    char *column[4] = { copy };

    for (size_t i = 1; i < ARRAY_LEN(column) && column[i - 1]; i++) {
        column[i] = strchr(column[i - 1], '\t');
        if (column[i])
            *column[i]++ = '\0';
    }
    return column[1] ? add(l, column[0], column[1], column[2], column[3]) : -1;
}

int image_packages_parse(const char *text, size_t len, const char *name, struct package_list *ret,
                         struct err **err)
{
    AUTO_PACKAGE_LIST list = { 0 };
    const char *end = text + len;

    for (int line = 1; text < end; line++) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((nl ? nl : end) - text);

        if (n > 0 && parse_line(text, n, &list) < 0)
            return err_set(err, ERR_INVALID, "%s:%d: expected NAME, a tab and VERSION", name, line);
        text = nl ? nl + 1 : end;
    }
    package_list_sort(&list);
    *ret = list;
    list = (struct package_list){ 0 };
    return 0;
}
