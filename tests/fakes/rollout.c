#include "fakes/rollout.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/queue.h"

int rollout_add(struct fixture *f, int64_t run)
{
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f->s, &e);
    int n = -1;

    expect_ok(tx && queue_add_run(f->s, run, &n, &e) == 0 && tx_commit(&tx, &e) == 0, &e);
    return n;
}

int rollout_hold(struct fixture *f, int64_t run, const char *reason)
{
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f->s, &e);
    int n = -1;

    expect_ok(tx && queue_hold_run(f->s, run, reason, &n, &e) == 0 && tx_commit(&tx, &e) == 0, &e);
    return n;
}

int64_t rollout_run(struct fixture *f)
{
    int64_t run = fixture_run(f, "web-01", "web-02", NULL);

    fixture_verdict(f, run, "pass");
    assert_int_equal(rollout_add(f, run), 2);
    return run;
}

json_t *rollout_lease(struct fixture *f, const char *holder, const char *server)
{
    AUTO_ERR e = NULL;
    json_t *entry = queue_lease(f->s, holder, server, MINUTE, &e);

    expect_ok(entry, &e);
    return entry;
}

void expect_nothing_ready(struct fixture *f, const char *server)
{
    AUTO_ERR e = NULL;

    assert_null(queue_lease(f->s, "tool", server, MINUTE, &e));
    expect_err(ERR_NOT_FOUND, "nothing is ready in the queue", &e);
}

const char *token_of(const json_t *entry)
{
    return json_str_at(json_object_get(entry, "lease"), "token");
}

int64_t id_of(const json_t *entry)
{
    return json_int_at(entry, "id");
}

void rollout_ack(struct fixture *f, const json_t *entry, const char *remark)
{
    AUTO_ERR e = NULL;

    expect_ok(queue_ack(f->s, id_of(entry), token_of(entry), remark, &e) == 0, &e);
}

void expect_ack_refused(struct fixture *f, const json_t *entry, const char *part)
{
    AUTO_ERR e = NULL;

    assert_int_equal(queue_ack(f->s, id_of(entry), token_of(entry), NULL, &e), -1);
    expect_err(ERR_CONFLICT, part, &e);
}

json_t *rollout_list(struct fixture *f, const char *state, int64_t limit)
{
    AUTO_ERR e = NULL;
    json_t *l = queue_list(f->s, state, limit, &e);

    expect_ok(l, &e);
    return l;
}

void expect_states(struct fixture *f, const char *want)
{
    AUTO_JSON *l = rollout_list(f, NULL, 0);
    AUTO_STRV states = { 0 };
    AUTO_FREE char *found = NULL;

    for (size_t i = 0; i < json_array_size(l); i++)
        strv_add(&states, json_str_at(json_array_get(l, i), "state"));
    found = strv_join(&states, " ");
    assert_string_equal(found, want);
}

int64_t count_records(struct fixture *f, const char *kind)
{
    AUTO_FREE char *sql = xasprintf("SELECT count(*) FROM evidence WHERE kind = '%s'", kind);

    return fixture_count(f, sql);
}

void expect_verified(struct fixture *f)
{
    AUTO_ERR e = NULL;
    int64_t n;

    expect_ok(evidence_verify(f->s, f->b, 0, &n, &e) == 0, &e);
}
