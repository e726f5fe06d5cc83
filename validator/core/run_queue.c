/* Runs that wait for a worker, and those whose process died. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/run_work.h"
#include "store/store.h"

/* Who created a run for itself begins at once; after this time it is not there any more. */
enum { BEGIN_MS = 10 * 60 * 1000 };

static const char killed[] = "the process that worked on it was killed";

static bool is_one_of(int64_t id, const int64_t *only, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (only[i] == id)
            return true;
    }
    return n == 0;
}

int run_next(const struct site *site, const int64_t *only, size_t n, int64_t after, int64_t *ret_id,
             struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id FROM run WHERE state = 'queued' AND queued"
                               " AND NOT cancel AND id > ? ORDER BY id",
                               ARGS(A_INT(after)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (is_one_of(query_int(q, 0), only, n)) {
            *ret_id = query_int(q, 0);
            return 1;
        }
    }
    return rc;
}

/* What lost its process: put back when workers may try again, else closed. */
static int recover(const struct site *site, int64_t id, struct err **err)
{
    struct run_work w = { .site = site, .id = id, .lock = -1 };
    int rc = run_open(&w, err);
    bool again = rc == 0 && w.queued && w.tries < RUN_TRIES_MAX;

    if (again)
        rc = run_put_back(&w, killed, err);
    run_close(&w);
    if (rc < 0 || again)
        return rc;
    return run_close_broken(site, id, killed, err);
}

int run_recover(const struct site *site, int *ret, struct err **err)
{
    AUTO_JSON *ids = json_array();
    AUTO_QUERY q = store_query(site->store,
                               "SELECT id FROM run WHERE state NOT IN ('queued', 'done', 'broken')"
                               " OR (state = 'queued' AND NOT queued AND created < ?)",
                               ARGS(A_INT(clock_wall_ms() - BEGIN_MS)), err);
    int rc = q ? query_step(q, err) : -1;
    size_t i;
    json_t *id;

    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(ids, json_integer((json_int_t)query_int(q, 0)));
    if (rc < 0)
        return -1;
    *ret = 0;
    json_array_foreach(ids, i, id)
    {
        AUTO_ERR e = NULL;
        if (recover(site, json_integer_value(id), &e) == 0) {
            ++*ret;
        } else if (e->code != ERR_CONFLICT) {
            *err = TAKE(e);
            return err_wrap(err, "run %lld", (long long)json_integer_value(id));
        }
    }
    return 0;
}
