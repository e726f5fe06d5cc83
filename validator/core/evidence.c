/* Appending records to the chain of a run, and reading them back. */
#include "core/evidence.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/evidence_record.h"
#include "store/blob.h"
#include "store/store.h"

struct head {
    int64_t run, seq;
    char hash[DIGEST_HEX_SIZE];
};

/* The canonical JSON of the record, put together around the body as it stands in the store: a
 * body that is not canonical, or any other column that was touched, gives another text. */
void evidence_hash(const struct evidence_text *t, char ret[DIGEST_HEX_SIZE])
{
    AUTO_JSON *kind = json_text(t->kind);
    AUTO_FREE char *kind_text = json_dumps(kind, JSON_ENCODE_ANY | JSON_COMPACT);
    AUTO_FREE char *text = xasprintf("{\"at\":%" PRId64 ",\"body\":%s,\"kind\":%s,\"prev\":\"%s\","
                                     "\"run\":%" PRId64 ",\"seq\":%" PRId64 "}",
                                     t->at, t->body, kind_text, t->prev, t->run, t->seq);

    digest_mem(text, strlen(text), ret);
}

static void set_hash(char ret[DIGEST_HEX_SIZE], const char *hash)
{
    snprintf(ret, DIGEST_HEX_SIZE, "%s", hash);
}

/* With run = 0 the newest record of the store; ret->seq is 0 when there is none. */
static int read_head(struct store *s, int64_t run, struct head *ret, struct err **err)
{
    static const char of_run[] = "SELECT run, seq, hash FROM evidence WHERE run = ?"
                                 " ORDER BY seq DESC LIMIT 1";
    static const char of_all[] = "SELECT run, seq, hash FROM evidence_tip";
    AUTO_QUERY q = run ? store_query(s, of_run, ARGS(A_INT(run)), err)
                       : store_query(s, of_all, NO_ARGS, err);
    int rc;

    if (!q)
        return -1;
    rc = query_step(q, err);
    if (rc < 0)
        return -1;
    ret->run = rc ? query_int(q, 0) : run;
    ret->seq = rc ? query_int(q, 1) : 0;
    set_hash(ret->hash, rc ? query_text(q, 2) : EVIDENCE_NO_HASH);
    return 0;
}

/* The body as it is stored: with the anchor, when the record before it is one of another run. */
static char *anchored_body(struct store *s, const struct head *own, json_t *body, struct err **err)
{
    AUTO_JSON *copy = json_copy(body);
    struct head tip;

    if (read_head(s, 0, &tip, err) < 0)
        return NULL;
    if (tip.seq == 0)
        json_object_set_new(copy, "anchor", json_null());
    else if (tip.run != own->run)
        json_object_set_new(copy, "anchor",
                            json_pack("{s:s, s:I, s:I}", "hash", tip.hash, "run",
                                      (json_int_t)tip.run, "seq", (json_int_t)tip.seq));
    return json_canonical(copy);
}

static int insert(struct store *s, const struct evidence_text *t, const char *hash,
                  struct err **err)
{
    return store_exec(s,
                      "INSERT INTO evidence (run, seq, at, kind, body, prev, hash)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?)",
                      ARGS(A_INT(t->run), A_INT(t->seq), A_INT(t->at), A_TEXT(t->kind),
                           A_TEXT(t->body), A_TEXT(t->prev), A_TEXT(hash)),
                      err);
}

int evidence_append(struct store *s, int64_t run, const char *kind, json_t *body,
                    char ret_hash[DIGEST_HEX_SIZE], struct err **err)
{
    AUTO_FREE char *text = NULL;
    char hash[DIGEST_HEX_SIZE];
    struct evidence_text t;
    struct head own;

    assert(store_in_tx(s) && json_is_object(body) && !json_object_get(body, "anchor"));
    if (read_head(s, run, &own, err) < 0)
        return -1;
    text = anchored_body(s, &own, body, err);
    if (!text)
        return -1;
    t = (struct evidence_text){ .run = run,
                                .seq = own.seq + 1,
                                .at = clock_wall_ms(),
                                .kind = kind,
                                .prev = own.hash,
                                .body = text };
    evidence_hash(&t, hash);
    if (insert(s, &t, hash, err) < 0)
        return err_wrap(err, "cannot record '%s' in the evidence of run %" PRId64, kind, run);
    if (ret_hash)
        set_hash(ret_hash, hash);
    return 0;
}

int evidence_head(struct store *s, int64_t run, char ret[DIGEST_HEX_SIZE], struct err **err)
{
    struct head own;

    if (read_head(s, run, &own, err) < 0)
        return -1;
    set_hash(ret, own.hash);
    return 0;
}

void evidence_release(struct evidence *e)
{
    free(e->kind);
    free(e->prev);
    free(e->hash);
    json_decref(e->body);
    *e = (struct evidence){ 0 };
}

static int read_record(struct query *q, int64_t run, struct evidence *ret, struct err **err)
{
    const char *body = query_text(q, 5);
    size_t len = strlen(body);

    ret->run = run;
    ret->seq = query_int(q, 0);
    ret->at = query_int(q, 1);
    ret->kind = xstrdup(query_text(q, 2));
    ret->prev = xstrdup(query_text(q, 3));
    ret->hash = xstrdup(query_text(q, 4));
    ret->body = json_parse(body, len, len, "body", err);
    if (ret->body)
        return 0;
    (*err)->code = ERR_CORRUPT;
    return err_wrap(err, "evidence of run %" PRId64 ", record %" PRId64, run, ret->seq);
}

int evidence_each(struct store *s, int64_t run, int64_t after_seq,
                  int (*each)(void *arg, const struct evidence *e, struct err **err), void *arg,
                  struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT seq, at, kind, prev, hash, body FROM evidence"
                               " WHERE run = ? AND seq > ? ORDER BY seq",
                               ARGS(A_INT(run), A_INT(after_seq)), err);
    int rc;

    if (!q)
        return -1;
    while ((rc = query_step(q, err)) > 0) {
        AUTO_EVIDENCE e = { 0 };

        if (read_record(q, run, &e, err) < 0 || each(arg, &e, err) < 0)
            return -1;
    }
    return rc;
}

json_t *evidence_blob(struct blobs *b, const void *data, size_t len, struct err **err)
{
    char hex[DIGEST_HEX_SIZE];

    if (blob_put(b, data, len, hex, err) < 0)
        return NULL;
    return json_pack("{s:s, s:I}", "blob", hex, "size", (json_int_t)len);
}
