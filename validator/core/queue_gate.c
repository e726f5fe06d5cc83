/* What the gate of a run does to the queue: entries are added, held, released. */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/queue.h"
#include "core/signoff.h"
#include "store/store.h"

/* A tool may still work on an entry that was held while it had the lease. */
#define READY_OR_LEASED \
    "CASE WHEN queue.state = 'held' AND queue.lease_until > ?2" \
    " THEN 'leased' ELSE 'ready' END"

/* Runs `q`, which moves entries and returns their servers, and records the move. */
static int move(struct store *s, int64_t run, struct query *q, const char *kind, const char *reason,
                int *ret, struct err **err)
{
    AUTO_STRV servers = { 0 };
    AUTO_JSON *body = NULL;
    int rc;

    if (!q)
        return -1;
    while ((rc = query_step(q, err)) > 0)
        strv_add(&servers, query_text(q, 0));
    if (rc < 0)
        return -1;
    *ret = (int)servers.len;
    if (servers.len == 0)
        return 0;
    strv_sort(&servers);
    body = json_pack("{s:o}", "servers", json_strv(&servers));
    if (reason)
        json_object_set_new(body, "reason", json_text(reason));
    return evidence_append(s, run, kind, body, NULL, err);
}

/* The approval is given again, perhaps for other digests than the entry was made with.  A server
 * that the image does not stand for any more gets nothing. */
static int release(struct store *s, int64_t run, const char *covers, int *ret, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "UPDATE queue SET state = " READY_OR_LEASED ", covers = ?3,"
                               " result = NULL, changed = ?2"
                               " WHERE run = ?1 AND state = 'held' AND server IN"
                               " (SELECT i.server FROM run JOIN image_server AS i"
                               " ON i.image = run.image WHERE run.id = ?1) RETURNING server",
                               ARGS(A_INT(run), A_INT(clock_wall_ms()), A_TEXT(covers)), err);

    return move(s, run, q, "queue.released", NULL, ret, err);
}

/* The token of a failed attempt ends with it; a lease that still runs goes on. */
static int add(struct store *s, int64_t run, const char *covers, int *ret, struct err **err)
{
    AUTO_QUERY q = store_query(
        s,
        "INSERT INTO queue (patch, server, run, covers, state, created, changed)"
        " SELECT run.patch, i.server, run.id, ?3, 'ready', ?2, ?2"
        " FROM run JOIN image_server AS i ON i.image = run.image WHERE run.id = ?1"
        " ON CONFLICT (patch, server) DO UPDATE SET run = excluded.run, covers = excluded.covers,"
        "  state = " READY_OR_LEASED ", changed = ?2, attempts = 0, result = NULL,"
        "  token = CASE queue.state WHEN 'held' THEN queue.token END"
        "  WHERE queue.state IN ('held', 'failed') AND queue.run < excluded.run"
        " RETURNING server",
        ARGS(A_INT(run), A_INT(clock_wall_ms()), A_TEXT(covers)), err);

    return move(s, run, q, "queue.added", NULL, ret, err);
}

int queue_add_run(struct store *s, int64_t run, int *ret, struct err **err)
{
    AUTO_JSON *now = signoff_covers(s, run, err);
    AUTO_FREE char *covers = NULL;
    int released, added;

    if (!now)
        return -1;
    covers = json_canonical(now);
    if (release(s, run, covers, &released, err) < 0 || add(s, run, covers, &added, err) < 0)
        return -1;
    *ret = released + added;
    return 0;
}

int queue_hold_run(struct store *s, int64_t run, const char *reason, int *ret, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "UPDATE queue SET state = 'held', result = ?3, changed = ?2"
                               " WHERE run = ?1 AND state IN ('ready', 'leased')"
                               " RETURNING server",
                               ARGS(A_INT(run), A_INT(clock_wall_ms()), A_TEXT(reason)), err);

    return move(s, run, q, "queue.held", reason, ret, err);
}

static int hold_stray(struct store *s, int64_t run, const char *server, const char *reason,
                      struct err **err)
{
    AUTO_QUERY q = store_query(
        s,
        "UPDATE queue SET state = 'held', result = ?3, changed = ?2"
        " WHERE run = ?1 AND server = ?4 AND state IN ('ready', 'leased')"
        " RETURNING server",
        ARGS(A_INT(run), A_INT(clock_wall_ms()), A_TEXT(reason), A_TEXT(server)), err);
    int n;

    return move(s, run, q, "queue.held", reason, &n, err);
}

int queue_hold_strays(struct store *s, const char *server, const char *reason, struct err **err)
{
    for (;;) {
        int64_t run;

        if (store_int(s,
                      "SELECT min(run.id) FROM queue JOIN run ON run.id = queue.run"
                      " WHERE queue.server = ?1 AND queue.state IN ('ready', 'leased')"
                      " AND NOT EXISTS (SELECT 1 FROM image_server AS i"
                      " WHERE i.image = run.image AND i.server = ?1)",
                      ARGS(A_TEXT(server)), 0, &run, err)
            < 0)
            return -1;
        if (run == 0)
            return 0;
        if (hold_stray(s, run, server, reason, err) < 0)
            return -1;
    }
}
