/* What is installed in an image, by the evidence of its runs; see image_packages.h. */
#include "core/image_packages.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/image.h"
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

static int add(struct package_list *l, const char *name, const char *version)
{
    size_t len = strcspn(version, " ");

    if (!is_word(name, strlen(name)) || !is_word(version, len) || l->len >= PACKAGES_MAX)
        return -1;
    AUTO_FREE char *plain = xstrndup(version, len);
    package_list_add(l, name, plain);
    return 0;
}

static int take_list(const json_t *list, struct package_list *ret, struct err **err)
{
    size_t i;
    json_t *p;

    json_array_foreach(list, i, p)
    {
        const char *name = json_string_value(json_array_get(p, 0));
        const char *version = json_string_value(json_array_get(p, 1));
        if (!name || !version || add(ret, name, version) < 0)
            return err_set(err, ERR_CORRUPT, "its entry %zu is no package", i + 1);
    }
    package_list_sort(ret);
    return 0;
}

static int read_blob(const struct site *site, const char *hex, struct package_list *ret,
                     struct err **err)
{
    AUTO_PACKAGE_LIST list = { 0 };
    size_t len;
    AUTO_FREE char *text = blob_get(site->blobs, hex, LIST_MAX, &len, err);
    AUTO_JSON *j = text ? json_parse(text, len, LIST_MAX, "list", err) : NULL;

    if (!j || take_list(j, &list, err) < 0)
        return -1;
    *ret = list;
    list = (struct package_list){ 0 };
    return 0;
}

int image_packages(const struct site *site, const struct image *i, struct package_list *ret,
                   int64_t *ret_run, struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT e.run, json_extract(e.body, '$.list.blob')"
                               " FROM run r JOIN evidence e ON e.run = r.id"
                               " WHERE r.image = ? AND e.kind = 'lane.packages'"
                               " AND json_extract(e.body, '$.lane') = 'baseline'"
                               " AND json_extract(e.body, '$.list.blob') IS NOT NULL"
                               " ORDER BY e.run DESC, e.seq LIMIT 1",
                               ARGS(A_INT(i->id)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc == 0) {
        err_set(err, ERR_NOT_FOUND, "it is not known which packages image '%s' has", i->name);
        return err_hint(err, "its first run records them: 'patchlab validate'");
    }
    int64_t run = query_int(q, 0);
    if (read_blob(site, query_text(q, 1), ret, err) < 0)
        return err_wrap(err, "the packages of image '%s' in run %lld", i->name, (long long)run);
    if (ret_run)
        *ret_run = run;
    return 0;
}

/* --- from a file ---------------------------------------------------------------------------- */

static int parse_line(const char *line, size_t len, struct package_list *l)
{
    const char *tab = memchr(line, '\t', len);

    if (!tab)
        return -1;
    AUTO_FREE char *name = xstrndup(line, (size_t)(tab - line));
    AUTO_FREE char *version = xstrndup(tab + 1, len - (size_t)(tab - line) - 1);
    return add(l, name, version);
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
