/* Keeping and comparing what untouched clones look like; see observe_store.h. */
#include "core/observe_store.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/observe.h"
#include "core/site.h"
#include "store/blob.h"
#include "store/store.h"

enum { ITEMS_MAX = 256 << 20 };

static int read_first(const struct site *site, const char *hex, struct observation *ret,
                      struct err **err)
{
    size_t len = 0;
    AUTO_FREE char *text = blob_get(site->blobs, hex, ITEMS_MAX, &len, err);
    AUTO_JSON *j = text ? json_parse(text, len, ITEMS_MAX, "observation", err) : NULL;

    return j ? observation_from_json(j, ret, err) : -1;
}

/* The observation without files that nobody touched, as those that were stored are. */
static int only_touched(const struct observation *seen, struct observation *ret, struct err **err)
{
    AUTO_JSON *j = observation_json(seen);

    return observation_from_json(j, ret, err);
}

static int add_noise(struct store *tx, const char *scope, const struct strv *keys, struct err **err)
{
    for (size_t i = 0; i < keys->len; i++) {
        if (store_exec(tx, "INSERT OR IGNORE INTO observe_noise (scope, key) VALUES (?, ?)",
                       ARGS(A_TEXT(scope), A_TEXT(keys->ptr[i])), err)
            < 0)
            return -1;
    }
    return store_exec(tx, "UPDATE observe_baseline SET seen = seen + 1 WHERE scope = ?",
                      ARGS(A_TEXT(scope)), err)
                   < 0
               ? -1
               : 0;
}

static int compare(const struct site *site, const char *hex, const struct observation *seen,
                   struct strv *ret_keys, struct err **err)
{
    AUTO_OBSERVATION first = { 0 }, now = { 0 };
    AUTO_CHANGE_LIST l = { 0 };

    if (read_first(site, hex, &first, err) < 0 || only_touched(seen, &now, err) < 0)
        return -1;
    observe_diff(&first, &now, &l);
    observe_noise_learn(&l, ret_keys);
    return 0;
}

/* The hash of the first observation's blob; NULL in *ret when this is the first. */
static int first_of(struct store *s, const char *scope, char **ret, struct err **err)
{
    AUTO_QUERY q = store_query(s, "SELECT items FROM observe_baseline WHERE scope = ?",
                               ARGS(A_TEXT(scope)), err);
    int rc = q ? query_step(q, err) : -1;

    *ret = rc > 0 ? xstrdup(query_text(q, 0)) : NULL;
    return rc < 0 ? -1 : 0;
}

int observe_learn(const struct site *site, const char *scope, int64_t run, const char *items,
                  const struct observation *seen, struct err **err)
{
    AUTO_FREE char *first = NULL;
    AUTO_STRV keys = { 0 };
    AUTO_TX tx = tx_begin(site->store, err);

    if (!tx || first_of(tx, scope, &first, err) < 0)
        return -1;
    if (!first && !*items)
        return 0; /* it could not be kept */
    if (first) {
        if (compare(site, first, seen, &keys, err) < 0 || add_noise(tx, scope, &keys, err) < 0)
            return err_wrap(err, "learn what differs between untouched clones");
    } else if (store_exec(tx,
                          "INSERT INTO observe_baseline (scope, run, items, seen)"
                          " VALUES (?, ?, ?, 1)",
                          ARGS(A_TEXT(scope), A_INT(run), A_TEXT(items)), err)
               < 0) {
        return -1;
    }
    return tx_commit(&tx, err);
}

int observe_noise_load(const struct site *site, const char *scope, struct strv *ret_noise,
                       int *ret_baselines, struct err **err)
{
    int64_t seen = 0;
    AUTO_QUERY q = store_query(site->store, "SELECT key FROM observe_noise WHERE scope = ?",
                               ARGS(A_TEXT(scope)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        strv_add(ret_noise, query_text(q, 0));
    if (rc < 0
        || store_int(site->store, "SELECT seen FROM observe_baseline WHERE scope = ?",
                     ARGS(A_TEXT(scope)), 0, &seen, err)
               < 0)
        return -1;
    strv_sort(ret_noise);
    *ret_baselines = (int)seen;
    return 0;
}
