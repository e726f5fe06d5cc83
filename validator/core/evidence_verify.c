/*
 * Reading all evidence again and finding the first record that does not hold.
 *
 * One pass in the order (run, seq): each record must hash to its own `hash` and continue the one
 * before.  What points at a record from elsewhere must find it with that hash: anchors in other
 * chains, the tip of the store, the verdict of the run.  These show what was cut off at an end.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/evidence_record.h"
#include "store/blob.h"
#include "store/store.h"

struct verifier {
    struct store *s;
    const struct blobs *b;
    struct query *find;         /* the hash of (run, seq) */
    int64_t run, seq;           /* the record in hand */
    char prev[DIGEST_HEX_SIZE]; /* of the record before it */
    int64_t records;
};

#define RECORD "evidence of run %" PRId64 ", record %" PRId64

static int broken(const struct verifier *v, const char *what, struct err **err)
{
    return err_set(err, ERR_CORRUPT, RECORD " %s", v->run, v->seq, what);
}

/* The record (run, seq), which `what` names, must be there with that hash. */
static int check_named(struct verifier *v, int64_t run, int64_t seq, const char *hash,
                       const char *what, struct err **err)
{
    int rc;

    if (query_again(v->find, ARGS(A_INT(run), A_INT(seq)), err) < 0)
        return -1;
    rc = query_step(v->find, err);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_CORRUPT, RECORD " is missing: %s names it", run, seq, what);
    if (!str_eq(query_text(v->find, 0), hash))
        return err_set(err, ERR_CORRUPT, RECORD " is not the one that %s names", run, seq, what);
    return 0;
}

static int check_anchor(struct verifier *v, const json_t *anchor, struct err **err)
{
    AUTO_FREE char *what = xasprintf("run %" PRId64 ", record %" PRId64, v->run, v->seq);

    if (!json_is_object(anchor))
        return 0; /* null: the first record of the store */
    return check_named(v, json_int_at(anchor, "run"), json_int_at(anchor, "seq"),
                       json_str_at(anchor, "hash"), what, err);
}

/* What a record promises and what is not there any more contradict each other. */
static int blob_broken(const struct verifier *v, struct err **err)
{
    if ((*err)->code == ERR_NOT_FOUND || (*err)->code == ERR_INVALID)
        (*err)->code = ERR_CORRUPT;
    return err_wrap(err, RECORD, v->run, v->seq);
}

static int check_blobs(struct verifier *v, json_t *j, struct err **err)
{
    const char *hex = json_str_at(j, "blob");

    if (hex && json_is_integer(json_object_get(j, "size")) && blob_check(v->b, hex, err) < 0)
        return blob_broken(v, err);
    for (void *at = json_object_iter(j); at; at = json_object_iter_next(j, at))
        if (check_blobs(v, json_object_iter_value(at), err) < 0)
            return -1;
    for (size_t i = 0; i < json_array_size(j); i++)
        if (check_blobs(v, json_array_get(j, i), err) < 0)
            return -1;
    return 0;
}

/* Most bodies refer to nothing and need no parsing: their bytes are proven by the hash. */
static int check_references(struct verifier *v, const char *body, struct err **err)
{
    AUTO_JSON *j = NULL;
    size_t len = strlen(body);

    if (!strstr(body, "\"anchor\":") && !strstr(body, "\"blob\":"))
        return 0;
    j = json_parse(body, len, len, "body", err);
    if (!j) {
        (*err)->code = ERR_CORRUPT;
        return err_wrap(err, RECORD, v->run, v->seq);
    }
    if (check_anchor(v, json_object_get(j, "anchor"), err) < 0)
        return -1;
    return check_blobs(v, j, err);
}

enum { COL_RUN, COL_SEQ, COL_AT, COL_KIND, COL_BODY, COL_PREV, COL_HASH };

static int check_record(struct verifier *v, struct query *q, struct err **err)
{
    struct evidence_text t = { query_int(q, COL_RUN),   query_int(q, COL_SEQ),
                               query_int(q, COL_AT),    query_text(q, COL_KIND),
                               query_text(q, COL_PREV), query_text(q, COL_BODY) };
    bool first = t.run != v->run;
    char hash[DIGEST_HEX_SIZE];

    v->seq = first ? 1 : v->seq + 1;
    v->run = t.run;
    if (t.seq != v->seq)
        return broken(v, "is missing", err);
    if (!str_eq(t.prev, first ? EVIDENCE_NO_HASH : v->prev))
        return broken(v, "does not continue the one before", err);
    evidence_hash(&t, hash);
    if (!str_eq(query_text(q, COL_HASH), hash))
        return broken(v, "was altered: its hash does not match", err);
    memcpy(v->prev, hash, sizeof(hash));
    v->records++;
    return check_references(v, t.body, err);
}

#define COLUMNS "run, seq, at, kind, body, prev, hash"

static int check_chains(struct verifier *v, int64_t run, struct err **err)
{
    static const char one[] = "SELECT " COLUMNS " FROM evidence WHERE run = ? ORDER BY seq";
    static const char all[] = "SELECT " COLUMNS " FROM evidence ORDER BY run, seq";
    AUTO_QUERY q = run ? store_query(v->s, one, ARGS(A_INT(run)), err)
                       : store_query(v->s, all, NO_ARGS, err);
    int rc;

    if (!q)
        return -1;
    while ((rc = query_step(q, err)) > 0)
        if (check_record(v, q, err) < 0)
            return -1;
    return rc;
}

/* The end of one chain: what do the other chains know of it? */
static int check_anchors_to(struct verifier *v, int64_t run, struct err **err)
{
    AUTO_QUERY q = store_query(v->s,
                               "SELECT run, seq, body FROM evidence"
                               " WHERE run <> ? AND instr(body, '\"anchor\":{') > 0",
                               ARGS(A_INT(run)), err);
    int rc;

    if (!q)
        return -1;
    while ((rc = query_step(q, err)) > 0) {
        const char *body = query_text(q, 2);
        AUTO_ERR unread = NULL; /* the other chain's trouble, found when that one is verified */
        AUTO_JSON *j = json_parse(body, strlen(body), strlen(body), "body", &unread);
        const json_t *anchor = json_object_get(j, "anchor");

        v->run = query_int(q, 0);
        v->seq = query_int(q, 1);
        if (json_int_at(anchor, "run") == run && check_anchor(v, anchor, err) < 0)
            return -1;
    }
    return rc;
}

static int check_tip(struct verifier *v, int64_t run, struct err **err)
{
    AUTO_QUERY q = store_query(v->s, "SELECT run, seq, hash FROM evidence_tip", NO_ARGS, err);
    int rc;

    if (!q)
        return -1;
    rc = query_step(q, err);
    if (rc < 0)
        return -1;
    if (rc == 0 && v->records > 0)
        return err_set(err, ERR_CORRUPT, "evidence: the note of its newest record is missing");
    if (rc == 0 || (run && query_int(q, 0) != run))
        return 0;
    return check_named(v, query_int(q, 0), query_int(q, 1), query_text(q, 2),
                       "the note of the newest record", err);
}

enum { ROW_ID, ROW_VERDICT, ROW_SUMMARY, ROW_KIND, ROW_BODY };

/* What the row of a run says is read by people and by the gate, so it must be what was recorded. */
static int check_verdict(struct query *q, struct err **err)
{
    const char *verdict = query_text(q, ROW_VERDICT), *summary = query_text(q, ROW_SUMMARY);
    const char *body = query_text(q, ROW_BODY);
    int64_t id = query_int(q, ROW_ID);

    if (!body || !str_eq(query_text(q, ROW_KIND), "run.verdict"))
        return err_set(err, ERR_CORRUPT, "evidence of run %" PRId64 ": no record holds its verdict",
                       id);
    AUTO_ERR bad = NULL;
    AUTO_JSON *recorded = json_parse(body, strlen(body), strlen(body), "body", &bad);
    AUTO_JSON *said = summary && recorded
                          ? json_parse(summary, strlen(summary), strlen(summary), "summary", &bad)
                          : NULL;
    json_object_del(recorded, "anchor"); /* added when it was recorded */
    if (verdict && said && json_equal(recorded, said)
        && str_eq(json_str_at(recorded, "verdict"), verdict))
        return 0;
    return err_set(err, ERR_CORRUPT,
                   "evidence of run %" PRId64 ": the run says another verdict than its record", id);
}

static int check_verdicts(struct verifier *v, int64_t run, struct err **err)
{
    AUTO_QUERY q = store_query(v->s,
                               "SELECT r.id, r.verdict, r.summary, e.kind, e.body FROM run r"
                               " LEFT JOIN evidence e ON e.run = r.id AND e.hash = r.verdict_hash"
                               " WHERE coalesce(r.verdict, r.summary, r.verdict_hash) IS NOT NULL"
                               " AND (?1 = 0 OR r.id = ?1)",
                               ARGS(A_INT(run)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (check_verdict(q, err) < 0)
            return -1;
    }
    return rc;
}

int evidence_verify(struct store *s, const struct blobs *b, int64_t run, int64_t *ret_records,
                    struct err **err)
{
    AUTO_QUERY find = store_query(s, "SELECT hash FROM evidence WHERE run = ? AND seq = ?",
                                  ARGS(A_INT(0), A_INT(0)), err);
    struct verifier v = { .s = s, .b = b, .find = find };

    if (!find || check_chains(&v, run, err) < 0)
        return -1;
    if ((run && check_anchors_to(&v, run, err) < 0) || check_tip(&v, run, err) < 0
        || check_verdicts(&v, run, err) < 0)
        return -1;
    *ret_records = v.records;
    return 0;
}
