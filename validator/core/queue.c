/* Leases: given out, answered. */
#include "core/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/queue_entry.h"
#include "core/signoff.h"
#include "store/store.h"

#define TOKEN_BYTES 16
#define LEASE_MAX_MS (INT64_C(365) * 24 * 3600 * 1000)

/*
 * Each inner SELECT ends at its first row in the index that is named, so a lease costs the same in
 * a queue of a million entries.  Left alone, SQLite sorts all that are leased.
 */
#define LEASE(ready_index, lapsed_index, and_server) \
    "UPDATE queue SET state = 'leased', token = ?1, holder = ?2, lease_until = ?4, changed = ?3," \
    " attempts = attempts + 1, result = NULL WHERE id = (SELECT min(id) FROM (" \
    "SELECT id FROM (SELECT id FROM queue INDEXED BY " ready_index \
    " WHERE state = 'ready'" and_server " ORDER BY id LIMIT 1) UNION ALL " \
    "SELECT id FROM (SELECT id FROM queue INDEXED BY " lapsed_index \
    " WHERE state = 'leased' AND lease_until <= ?3" and_server " ORDER BY lease_until LIMIT 1)))" \
    " RETURNING id, run, server, attempts"

static const char lease_any[] = LEASE("queue_ready", "queue_lapsed", "");
static const char lease_server[] = LEASE("queue_server", "queue_server", " AND server = ?5");

struct lease {
    const char *holder, *token;
    int64_t until;
    int64_t id, run, attempts; /* of the entry that was taken */
    char *server;
};

static void lease_release(struct lease *l)
{
    free(l->server);
}
#define AUTO_LEASE __attribute__((cleanup(lease_release))) struct lease

static int check_lease(const char *holder, int64_t lease_ms, struct err **err)
{
    if (!person_is_valid(holder)) {
        AUTO_FREE char *shown = str_printable(holder, strlen(holder), false);

        err_set(err, ERR_INVALID, "'%s' is no name for the holder of a lease", shown);
        return err_hint(err, "use letters, digits and . _ + ~ @ -, at most 128");
    }
    if (lease_ms <= 0 || lease_ms > LEASE_MAX_MS)
        return err_set(err, ERR_INVALID, "a lease of %" PRId64 " ms: 1 ms to a year expected",
                       lease_ms);
    return 0;
}

static int nothing_ready(const char *server, struct err **err)
{
    if (server) {
        AUTO_FREE char *shown = str_printable(server, strlen(server), false);

        return err_set(err, ERR_NOT_FOUND, "nothing is ready in the queue for server '%s'", shown);
    }
    return err_set(err, ERR_NOT_FOUND, "nothing is ready in the queue");
}

/* The one statement that chooses an entry and takes it. */
static int take(struct store *s, const char *server, int64_t now, struct lease *l, struct err **err)
{
    const struct arg token = A_TEXT(l->token), holder = A_TEXT(l->holder), until = A_INT(l->until);
    const struct arg *of_any = ARGS(token, holder, A_INT(now), until);
    const struct arg *of_server = ARGS(token, holder, A_INT(now), until, A_TEXT(server));
    AUTO_QUERY q = server ? store_query(s, lease_server, of_server, err)
                          : store_query(s, lease_any, of_any, err);
    int rc;

    if (!q)
        return -1;
    rc = query_step(q, err);
    if (rc <= 0)
        return rc < 0 ? -1 : nothing_ready(server, err);
    l->id = query_int(q, 0);
    l->run = query_int(q, 1);
    l->server = xstrdup(query_text(q, 2));
    l->attempts = query_int(q, 3);
    return query_step(q, err); /* the statement must have ended before the transaction can */
}

json_t *queue_lease(struct store *s, const char *holder, const char *server, int64_t lease_ms,
                    struct err **err)
{
    AUTO_FREE char *token = random_hex(TOKEN_BYTES);
    AUTO_LEASE l = { .holder = holder, .token = token };
    int64_t now = clock_wall_ms();
    AUTO_JSON *body = NULL, *entry = NULL;
    AUTO_TX tx = NULL;

    if (check_lease(holder, lease_ms, err) < 0)
        return NULL;
    l.until = now + lease_ms;
    tx = tx_begin(s, err);
    if (!tx || take(s, server, now, &l, err) < 0)
        return NULL;
    body = json_pack("{s:I, s:s, s:s, s:I, s:I}", "entry", (json_int_t)l.id, "server", l.server,
                     "holder", holder, "attempt", (json_int_t)l.attempts, "until",
                     (json_int_t)l.until);
    if (evidence_append(s, l.run, "queue.leased", body, NULL, err) < 0)
        return NULL;
    entry = queue_leased_entry(s, l.id, err);
    if (!entry || tx_commit(&tx, err) < 0)
        return NULL;
    return json_incref(entry);
}

struct answer {
    int64_t id;
    const char *token;
    const char *state;             /* the one it ends in */
    const char *kind, *key, *text; /* of the evidence, and of its text */
};

/* 1 to go on, 0 when it was answered just so before. */
static int check_answer(const struct answer *a, struct query *q, struct err **err)
{
    const char *state = query_text(q, 0), *holder = query_text(q, 2);

    if (!str_eq(query_text(q, 1), a->token)) {
        err_set(err, ERR_CONFLICT, "queue entry %" PRId64 " is not leased with this token", a->id);
        if (str_eq(state, "leased"))
            err_hint(err, "the lease was over and the entry went to '%s'", holder);
        return -1;
    }
    if (str_eq(state, a->state))
        return 0;
    if (str_eq(state, "done") || str_eq(state, "failed"))
        return err_set(err, ERR_CONFLICT, "queue entry %" PRId64 " was answered already: %s", a->id,
                       state);
    return 1;
}

static int end_lease(struct store *s, const struct answer *a, const char *text, struct query *q,
                     struct err **err)
{
    AUTO_JSON *body = json_pack("{s:I, s:o, s:o, s:o}", "entry", (json_int_t)a->id, "server",
                                json_text(query_text(q, 4)), "holder", json_text(query_text(q, 2)),
                                a->key, json_text(text));
    int rc = store_exec(s,
                        "UPDATE queue SET state = ?, lease_until = NULL, result = ?, changed = ?"
                        " WHERE id = ?",
                        ARGS(A_TEXT(a->state), A_TEXT(text), A_INT(clock_wall_ms()), A_INT(a->id)),
                        err);

    if (rc < 0)
        return -1;
    return evidence_append(s, query_int(q, 3), a->kind, body, NULL, err);
}

static int give_answer(struct store *s, const struct answer *a, struct err **err)
{
    AUTO_FREE char *text = a->text ? str_to_utf8(a->text, strlen(a->text)) : NULL;
    AUTO_TX tx = NULL;
    AUTO_QUERY q = NULL;
    int rc;

    if (a->text && strlen(a->text) > REMARK_MAX)
        return err_set(err, ERR_INVALID, "the %s is longer than %d bytes", a->key, REMARK_MAX);
    tx = tx_begin(s, err);
    if (!tx)
        return -1;
    q = store_query(s, "SELECT state, token, holder, run, server FROM queue WHERE id = ?",
                    ARGS(A_INT(a->id)), err);
    rc = q ? query_step(q, err) : -1;
    if (rc <= 0)
        return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "there is no queue entry %" PRId64, a->id);
    rc = check_answer(a, q, err);
    if (rc <= 0)
        return rc;
    if (end_lease(s, a, text, q, err) < 0)
        return -1;
    return tx_commit(&tx, err);
}

int queue_ack(struct store *s, int64_t id, const char *token, const char *remark, struct err **err)
{
    return give_answer(s, &(struct answer){ id, token, "done", "queue.done", "remark", remark },
                       err);
}

int queue_fail(struct store *s, int64_t id, const char *token, const char *reason, struct err **err)
{
    if (remark_is_blank(reason))
        return err_set(err, ERR_INVALID, "a failed rollout needs a reason");
    return give_answer(s, &(struct answer){ id, token, "failed", "queue.failed", "reason", reason },
                       err);
}
