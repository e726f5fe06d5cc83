/* Runs as JSON, for people's screens and for scripts: docs/formats.md, 'run'. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/evidence.h"
#include "core/run_work.h"
#include "store/store.h"

#define RUN_COLUMNS \
    "SELECT r.id, r.state, r.verdict, r.created, r.ended, r.spec, r.verdict_hash, r.summary," \
    " i.name, i.digest, p.name, p.version, p.digest, p.kind," \
    " (SELECT count(*) FROM evidence e WHERE e.run = r.id)" \
    " FROM run r JOIN image i ON i.id = r.image JOIN patch p ON p.id = r.patch"

static json_t *parsed(const char *text, struct err **err)
{
    return text ? json_parse(text, strlen(text), 16u << 20, "stored run", err) : json_null();
}

static json_t *time_or_null(struct query *q, int column)
{
    return query_is_null(q, column) ? json_null() : json_integer((json_int_t)query_int(q, column));
}

static json_t *row_json(struct query *q, struct err **err)
{
    AUTO_JSON *spec = parsed(query_text(q, 5), err);

    if (!spec)
        return NULL;
    return json_pack(
        "{s:I, s:s, s:o, s:I, s:o, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:s}, s:O, s:o, s:I}", "id",
        (json_int_t)query_int(q, 0), "state", query_text(q, 1), "verdict",
        json_text(query_text(q, 2)), "created", (json_int_t)query_int(q, 3), "ended",
        time_or_null(q, 4), "image", "name", query_text(q, 8), "digest", query_text(q, 9), "patch",
        "name", query_text(q, 10), "version", query_text(q, 11), "digest", query_text(q, 12),
        "kind", query_text(q, 13), "testcases", json_object_get(spec, "testcases"), "verdict_hash",
        json_text(query_text(q, 6)), "records", (json_int_t)query_int(q, 14));
}

json_t *run_json(const struct site *site, int64_t id, struct err **err)
{
    char head[DIGEST_HEX_SIZE];
    AUTO_QUERY q = store_query(site->store, RUN_COLUMNS " WHERE r.id = ?", ARGS(A_INT(id)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return NULL;
    if (rc == 0) {
        err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)id);
        err_hint(err, "'patchlab run list' shows what there is");
        return NULL;
    }
    AUTO_JSON *run = row_json(q, err);
    json_t *summary = run ? parsed(query_text(q, 7), err) : NULL;
    if (!summary)
        return NULL;
    json_object_set_new(run, "summary", summary);
    if (evidence_head(site->store, id, head, err) < 0)
        return NULL;
    json_object_set_new(
        run, "evidence",
        json_pack("{s:O, s:s}", "records", json_object_get(run, "records"), "head", head));
    json_object_del(run, "records");
    return json_incref(run);
}

json_t *run_list(const struct site *site, int64_t limit, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store, RUN_COLUMNS " ORDER BY r.id DESC LIMIT ?",
                               ARGS(A_INT(limit > 0 ? limit : -1)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        json_t *run = row_json(q, err);
        if (!run)
            return NULL;
        json_array_append_new(list, run);
    }
    return rc < 0 ? NULL : json_incref(list);
}
