/* A run in the store: locking and loading it, recording what happens, moving it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/stop.h"
#include "core/evidence.h"
#include "core/run_work.h"
#include "store/blob.h"
#include "store/store.h"

char *run_lock_path(const struct site *site, int64_t id)
{
    return xasprintf("%s/runs/%lld.lock", site->dir, (long long)id);
}

static void load_options(const json_t *spec, struct run_options *ret, char **ret_scanner)
{
    int last = str_index(point_names, json_str_at(spec, "last"));

    ret->confirm = (int)json_int_at(spec, "confirm");
    ret->cold = json_is_true(json_object_get(spec, "cold"));
    ret->observe = json_is_true(json_object_get(spec, "observe"));
    ret->applications = (int)json_int_at(spec, "applications");
    free(*ret_scanner);
    *ret_scanner = xstrdup(json_str_at(spec, "scanner"));
    ret->scanner = *ret_scanner;
    ret->gates = gates_from_json(json_object_get(spec, "gates"));
    ret->last = last < 0 ? POINT_REBOOTED : (enum check_point)last;
}

static int load_testcases(struct run_work *w, const char *spec, struct err **err)
{
    AUTO_JSON *j = json_parse(spec, strlen(spec), NODE_MAX_BYTES, "run spec", err);
    size_t i;
    json_t *t;

    if (!j)
        return -1;
    load_options(j, &w->options, &w->scanner);
    w->params_file = xstrdup(json_str_at(j, "params"));
    json_t *list = json_object_get(j, "testcases");
    w->testcases.ptr = xcalloc(json_array_size(list) + 1, sizeof(*w->testcases.ptr));
    json_array_foreach(list, i, t)
    {
        if (testcase_load(w->site->blobs, json_str_at(t, "digest"), &w->testcases.ptr[i], err) < 0)
            return err_wrap(err, "testcase '%s'", json_str_at(t, "name"));
        w->testcases.len++;
    }
    return 0;
}

static int load_state(struct run_work *w, struct err **err)
{
    AUTO_QUERY q = store_query(w->site->store, "SELECT state, queued, tries FROM run WHERE id = ?",
                               ARGS(A_INT(w->id)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such run");
    int state = str_index(run_state_names, query_text(q, 0));
    w->state = state < 0 ? RUN_STATE_MAX_ : (enum run_state)state;
    w->queued = query_int(q, 1) != 0;
    w->tries = query_int(q, 2);
    if (w->state == RUN_DONE || w->state == RUN_BROKEN)
        return err_set(err, ERR_CONFLICT, "it has ended already");
    return 0;
}

int run_load(struct run_work *w, struct err **err)
{
    AUTO_QUERY q = store_query(w->site->store, "SELECT image, patch, spec FROM run WHERE id = ?",
                               ARGS(A_INT(w->id)), err);

    if (!q || query_step(q, err) < 0)
        return -1;
    if (image_by_id(w->site, query_int(q, 0), &w->image, err) < 0
        || patch_by_id(w->site, query_int(q, 1), &w->patch, err) < 0)
        return -1;
    return load_testcases(w, query_text(q, 2), err);
}

int run_open(struct run_work *w, struct err **err)
{
    AUTO_FREE char *runs = path_join(w->site->dir, "runs");
    AUTO_FREE char *lock = run_lock_path(w->site, w->id);

    w->stop = stop_new();
    w->dir = xasprintf("%s/%lld", runs, (long long)w->id);
    if (dir_make(runs, 0711, err) < 0)
        return -1;
    w->lock = file_lock(lock, /* wait= */ false, err);
    if (w->lock < 0)
        return err_wrap(err, "another process works on it");
    return load_state(w, err);
}

static void round_release(struct run_round *round)
{
    for (int i = 0; i < LANE_MAX_; i++)
        lane_report_release(&round->reports[i]);
    free(round->testcases);
}

void run_close(struct run_work *w)
{
    AUTO_FREE char *lock = run_lock_path(w->site, w->id);
    AUTO_ERR ignored = NULL;

    if (w->lock >= 0) {
        dir_remove(w->dir, &ignored);
        remove(lock);
    }
    fd_closep(&w->lock);
    for (int i = 0; i < w->round_count; i++)
        round_release(&w->rounds[i]);
    free(w->rounds);
    if (w->untouched)
        round_release(w->untouched);
    free(w->untouched);
    change_list_release(&w->changes);
    free(w->observe_note);
    comparison_list_release(&w->rows);
    testcase_list_release(&w->testcases);
    patch_release(&w->patch);
    scanning_release(&w->scanning);
    run_claims_release(&w->claims);
    free(w->scanner);
    params_release(&w->params);
    free(w->params_file);
    image_release(&w->image);
    json_decref(w->summary);
    stop_free(w->stop);
    free(w->payload);
    free(w->dir);
}

static void show(struct run_work *w, const char *kind, json_t *body)
{
    struct event e = { .kind = kind, .body = body, .evidence = true };

    if (w->on_event)
        w->on_event(w->arg, &e);
}

int run_record(struct run_work *w, const char *kind, json_t *body, struct err **err)
{
    AUTO_TX tx = tx_begin(w->site->store, err);

    if (!tx || evidence_append(tx, w->id, kind, body, NULL, err) < 0 || tx_commit(&tx, err) < 0)
        return -1;
    show(w, kind, body);
    return 0;
}

static int store_end(struct run_work *w, struct store *tx, struct err **err)
{
    char hash[DIGEST_HEX_SIZE];

    if (evidence_append(tx, w->id, "run.verdict", w->summary, hash, err) < 0)
        return -1;
    AUTO_FREE char *summary = json_canonical(w->summary);
    return store_exec(tx,
                      "UPDATE run SET verdict = ?, summary = ?, verdict_hash = ?, ended = ?"
                      " WHERE id = ?",
                      ARGS(A_TEXT(verdict_names[w->verdict]), A_TEXT(summary), A_TEXT(hash),
                           A_INT(clock_wall_ms()), A_INT(w->id)),
                      err)
                   < 0
               ? -1
               : 0;
}

int run_move(struct run_work *w, enum run_state next, struct err **err)
{
    AUTO_JSON *body = json_pack("{s:s, s:s}", "from", run_state_names[w->state], "to",
                                run_state_names[next]);
    bool end = next == RUN_DONE || next == RUN_BROKEN;
    AUTO_TX tx = tx_begin(w->site->store, err);

    if (!tx || evidence_append(tx, w->id, "run.state", body, NULL, err) < 0
        || store_exec(tx,
                      "UPDATE run SET state = ?, tries = tries + (state = 'queued')"
                      " WHERE id = ?",
                      ARGS(A_TEXT(run_state_names[next]), A_INT(w->id)), err)
               < 0
        || (end && store_end(w, tx, err) < 0) || tx_commit(&tx, err) < 0)
        return err_wrap(err, "move to state '%s'", run_state_names[next]);
    w->state = next;
    show(w, "run.state", body);
    if (end)
        show(w, "run.verdict", w->summary);
    return 0;
}

void run_set_broken(struct run_work *w, const struct err *why)
{
    w->verdict = VERDICT_BROKEN;
    json_decref(w->summary);
    w->summary = json_pack("{s:s, s:[o], s:{s:s, s:o, s:o}}", "verdict",
                           verdict_names[VERDICT_BROKEN], "reasons", json_text(why->msg), "error",
                           "code", err_code_name(why->code), "message", json_text(why->msg), "hint",
                           json_text(why->hint));
}

int run_put_back(struct run_work *w, const char *why, struct err **err)
{
    AUTO_JSON *body = json_pack("{s:o, s:I}", "why", json_text(why), "tries", (json_int_t)w->tries);

    if (run_record(w, "run.put-back", body, err) < 0)
        return -1;
    return run_move(w, RUN_QUEUED, err);
}
