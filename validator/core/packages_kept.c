/* Lists of packages as evidence keeps them. */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "core/packages.h"
#include "core/site.h"
#include "core/stage.h"
#include "store/blob.h"
#include "store/store.h"

enum { LIST_MAX = 64 << 20 };

json_t *package_list_json(const struct package_list *l)
{
    json_t *list = json_array();

    for (size_t i = 0; i < l->len; i++) {
        const struct package *p = &l->ptr[i];
        json_array_append_new(list,
                              json_pack("[o, o, o, o]", json_text(p->name), json_text(p->version),
                                        json_text(p->source), json_text(p->source_version)));
    }
    return list;
}

/* A list without sources is an old one. */
static int add_item(const json_t *item, struct package_list *ret)
{
    const char *text[4] = { NULL };
    size_t n = json_array_size(item);

    for (size_t i = 0; i < n && i < ARRAY_LEN(text); i++)
        text[i] = json_string_value(json_array_get(item, i));
    if ((n != 2 && n != 4) || !text[0] || !text[1])
        return -1;
    package_list_add_source(ret, text[0], text[1], text[2], text[3]);
    return 0;
}

int package_list_from_json(const json_t *j, struct package_list *ret, struct err **err)
{
    AUTO_PACKAGE_LIST list = { 0 };
    const json_t *item;
    size_t i;

    if (!json_is_array(j))
        return err_set(err, ERR_CORRUPT, "a list of packages is no list");
    json_array_foreach((json_t *)j, i, item)
    {
        if (add_item(item, &list) < 0)
            return err_set(err, ERR_CORRUPT, "item %zu of a list of packages is no package", i);
    }
    package_list_sort(&list);
    *ret = list;
    list = (struct package_list){ 0 };
    return 0;
}

int package_list_put(const struct site *site, const struct package_list *l,
                     char ret[DIGEST_HEX_SIZE], struct err **err)
{
    AUTO_JSON *list = package_list_json(l);
    AUTO_FREE char *text = json_canonical(list);

    return blob_put(site->blobs, text, strlen(text), ret, err);
}

int package_list_get(const struct site *site, const char *digest, struct package_list *ret,
                     struct err **err)
{
    size_t len = 0;
    AUTO_FREE char *text = blob_get(site->blobs, digest, LIST_MAX, &len, err);
    AUTO_JSON *j = text ? json_parse(text, len, LIST_MAX, "list of packages", err) : NULL;

    return j ? package_list_from_json(j, ret, err) : -1;
}

static int load(const struct site *site, const json_t *body, struct package_list *ret,
                struct err **err)
{
    const char *hex = json_str_at(json_object_get(body, "list"), "blob");

    if (!hex)
        return err_set(err, ERR_NOT_FOUND, "the list of packages could not be kept");
    return package_list_get(site, hex, ret, err);
}

/* The first of these records (run, body) that is of this lane; 0 when none is. */
static int load_first(const struct site *site, struct query *q, enum lane lane,
                      struct package_list *ret, int64_t *ret_run, struct err **err)
{
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        const char *text = query_text(q, 1);
        AUTO_JSON *body = json_parse(text, strlen(text), NODE_MAX_BYTES, "evidence", err);
        if (!body)
            return -1;
        if (!str_eq(json_str_at(body, "lane"), lane_names[lane]))
            continue;
        *ret_run = query_int(q, 0);
        return load(site, body, ret, err) < 0 ? -1 : 1;
    }
    return rc;
}

int package_list_of_run(const struct site *site, int64_t run, struct package_list *ret,
                        struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT run, body FROM evidence WHERE run = ?"
                               " AND kind = 'lane.packages' ORDER BY seq DESC",
                               ARGS(A_INT(run)), err);
    int64_t of;
    int rc = load_first(site, q, LANE_CANDIDATE, ret, &of, err);

    if (rc < 0)
        return err_wrap(err, "run %" PRId64, run);
    if (rc == 0)
        return err_set(err, ERR_NOT_FOUND, "run %" PRId64 " has no list of packages", run);
    return 0;
}

int package_list_of_image(const struct site *site, int64_t image, struct package_list *ret,
                          int64_t *ret_run, struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT e.run, e.body FROM run r JOIN evidence e ON e.run = r.id"
                               " WHERE r.image = ? AND e.kind = 'lane.packages'"
                               " ORDER BY r.id DESC, e.seq",
                               ARGS(A_INT(image)), err);
    int rc = load_first(site, q, LANE_BASELINE, ret, ret_run, err);

    if (rc < 0)
        return -1;
    if (rc == 0) {
        err_set(err, ERR_NOT_FOUND, "nobody has listed them yet");
        return err_hint(err, "'patchlab image warm' does, and the first 'patchlab validate'");
    }
    return 0;
}
