/* Runs from outside: creating and cancelling them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/version.h"
#include "core/evidence.h"
#include "core/params.h"
#include "core/run_work.h"
#include "core/scanning.h"
#include "store/store.h"

static json_t *testcases_json(const struct testcase_list *l)
{
    json_t *list = json_array();

    for (size_t i = 0; i < l->len; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "digest", l->ptr[i].bundle.digest,
                                              "name", l->ptr[i].name));
    return list;
}

static const char *scanner_of(const struct run_options *o)
{
    return o->scanner ? o->scanner : SCANNER_DEFAULT;
}

static int applications_of(const struct run_options *o)
{
    return o->applications > 0 ? o->applications : RUN_OPTIONS_DEFAULT.applications;
}

static int insert(struct store *tx, const struct site *site, const struct image *image,
                  const struct patch *patch, json_t *testcases, const struct run_options *options,
                  int64_t *ret_id, struct err **err)
{
    AUTO_JSON *spec = json_pack("{s:O, s:b, s:b, s:i, s:s, s:o}", "testcases", testcases, "cold",
                                options->cold, "observe", options->observe, "confirm",
                                options->confirm, "last", point_names[options->last], "gates",
                                gates_json(&options->gates));
    json_object_set_new(spec, "scanner", json_string(scanner_of(options)));
    json_object_set_new(spec, "applications", json_integer(applications_of(options)));
    if (options->params)
        json_object_set_new(spec, "params", json_text(options->params));
    AUTO_FREE char *text = json_canonical(spec);

    if (store_exec(tx,
                   "INSERT INTO run (image, patch, spec, state, queued, created)"
                   " VALUES (?, ?, ?, ?, ?, ?)",
                   ARGS(A_INT(image->id), A_INT(patch->id), A_TEXT(text),
                        A_TEXT(run_state_names[RUN_QUEUED]), A_INT(options->queued),
                        A_INT(clock_wall_ms())),
                   err)
        < 0)
        return -1;
    int64_t id = store_last_id(tx);
    AUTO_JSON *body = json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:O, s:s, s:s}", "image", "name",
                                image->name, "digest", image->digest, "patch", "name", patch->name,
                                "version", patch->version, "digest", patch->digest, "testcases",
                                testcases, "user", site->user, "version", PATCHLAB_VERSION);
    json_object_set_new(body, "confirm", json_integer(options->confirm));
    json_object_set_new(body, "observe", json_boolean(options->observe));
    json_object_set_new(body, "last", json_string(point_names[options->last]));
    json_object_set_new(body, "scanner", json_string(scanner_of(options)));
    json_object_set_new(body, "applications", json_integer(applications_of(options)));
    json_object_set_new(body, "gates", gates_json(&options->gates));
    if (evidence_append(tx, id, "run.created", body, NULL, err) < 0)
        return -1;
    *ret_id = id;
    return 0;
}

int run_create(const struct site *site, const struct image *image, const struct patch *patch,
               const struct testcase_list *testcases, const struct run_options *options,
               int64_t *ret_id, struct err **err)
{
    AUTO_JSON *list = testcases_json(testcases);
    AUTO_PARAMS unused = { 0 };
    int64_t id;

    if (testcases->len == 0)
        return err_set(err, ERR_INVALID, "no testcase applies to image '%s'", image->name);
    if (params_read(options->params, testcases->ptr, testcases->len, &unused, err) < 0)
        return -1;
    for (size_t i = 0; i < testcases->len; i++) {
        if (testcase_keep(&testcases->ptr[i], site->blobs, err) < 0)
            return -1;
    }
    AUTO_TX tx = tx_begin(site->store, err);
    if (!tx || insert(tx, site, image, patch, list, options, &id, err) < 0
        || tx_commit(&tx, err) < 0)
        return err_wrap(err, "create a run");
    *ret_id = id;
    return 0;
}

int run_close_broken(const struct site *site, int64_t id, const char *why, struct err **err)
{
    struct run_work w = { .site = site, .id = id, .lock = -1 };
    AUTO_ERR cause = NULL;
    int rc = run_open(&w, err);

    if (rc == 0) {
        err_set(&cause, ERR_CANCELLED, "%s", why);
        run_set_broken(&w, cause);
        rc = run_move(&w, RUN_BROKEN, err);
    }
    run_close(&w);
    return rc;
}

int run_cancel(const struct site *site, int64_t id, struct err **err)
{
    AUTO_ERR e = NULL;
    int64_t ended = 0;

    if (store_int(site->store, "SELECT state IN ('done', 'broken') FROM run WHERE id = ?",
                  ARGS(A_INT(id)), -1, &ended, err)
        < 0)
        return -1;
    if (ended < 0)
        return err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)id);
    if (ended)
        return err_set(err, ERR_CONFLICT, "run %lld has ended already", (long long)id);
    if (store_exec(site->store, "UPDATE run SET cancel = 1 WHERE id = ?", ARGS(A_INT(id)), err) < 0)
        return -1;
    AUTO_FREE char *why = xasprintf("cancelled by %s", site->user);
    if (run_close_broken(site, id, why, &e) == 0 || e->code == ERR_CONFLICT)
        return 0; /* or the process that works on it sees the flag */
    *err = TAKE(e);
    return -1;
}
