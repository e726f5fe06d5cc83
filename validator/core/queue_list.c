/* Queue entries as JSON. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/queue.h"
#include "core/queue_entry.h"
#include "store/store.h"

const char *const queue_state_names[] = { "ready", "leased", "done", "failed", "held", NULL };

/* ?1 is the time: a lease that is over makes the entry ready, whatever the column still says. */
#define STATE_NOW \
    "CASE WHEN queue.state = 'leased' AND lease_until <= ?1 THEN 'ready'" \
    " ELSE queue.state END"
#define ENTRIES \
    "SELECT queue.id, " STATE_NOW ", server, patch.name, patch.version, patch.digest, patch.kind," \
    " image.name, image.digest, queue.run, covers, attempts, queue.created, changed," \
    " lease_until > ?1 AND queue.state IN ('leased', 'held'), token, queue.holder, lease_until," \
    " result" \
    " FROM queue JOIN patch ON patch.id = queue.patch JOIN run ON run.id = queue.run" \
    " JOIN image ON image.id = run.image "

/* Members of the objects in the order in which people read them, and their columns in ENTRIES. */
struct member {
    const char *key;
    enum { TEXT, INTEGER } type;
    int column;
};
static const struct member head_members[] = {
    { "id", INTEGER, 0 },
    { "state", TEXT, 1 },
    { "server", TEXT, 2 },
    { 0 },
};
static const struct member patch_members[] = {
    { "name", TEXT, 3 }, { "version", TEXT, 4 }, { "digest", TEXT, 5 }, { "kind", TEXT, 6 }, { 0 },
};
static const struct member image_members[] = {
    { "name", TEXT, 7 },
    { "digest", TEXT, 8 },
    { 0 },
};
static const struct member count_members[] = {
    { "attempts", INTEGER, 11 },
    { "created", INTEGER, 12 },
    { "changed", INTEGER, 13 },
    { 0 },
};
enum {
    COL_ID,
    COL_RUN = 9,
    COL_COVERS,
    COL_IS_LEASED = 14,
    COL_TOKEN,
    COL_HOLDER,
    COL_UNTIL,
    COL_RESULT
};

static json_t *text(struct query *q, int column)
{
    return json_text(query_text(q, column));
}

static void add_members(json_t *obj, struct query *q, const struct member *m)
{
    for (; m->key; m++)
        json_object_set_new(obj, m->key,
                            m->type == TEXT ? text(q, m->column)
                                            : json_integer(query_int(q, m->column)));
}

static json_t *object(struct query *q, const struct member *m)
{
    json_t *obj = json_object();

    add_members(obj, q, m);
    return obj;
}

static json_t *lease_json(struct query *q, bool with_token)
{
    json_t *lease;

    if (!query_int(q, COL_IS_LEASED))
        return json_null();
    lease = json_object();
    if (with_token)
        json_object_set_new(lease, "token", text(q, COL_TOKEN));
    json_object_set_new(lease, "holder", text(q, COL_HOLDER));
    json_object_set_new(lease, "until", json_integer(query_int(q, COL_UNTIL)));
    return lease;
}

static json_t *entry_json(struct query *q, bool with_token, struct err **err)
{
    const char *covers_text = query_text(q, COL_COVERS);
    size_t len = strlen(covers_text);
    json_t *covers = json_parse(covers_text, len, len, "covers", err), *entry;

    if (!covers) {
        (*err)->code = ERR_CORRUPT;
        err_wrap(err, "queue entry %" PRId64, query_int(q, COL_ID));
        return NULL;
    }
    entry = object(q, head_members);
    json_object_set_new(entry, "patch", object(q, patch_members));
    json_object_set_new(entry, "image", object(q, image_members));
    json_object_set_new(entry, "run", json_integer(query_int(q, COL_RUN)));
    json_object_set_new(entry, "covers", covers);
    add_members(entry, q, count_members);
    json_object_set_new(entry, "lease", lease_json(q, with_token));
    json_object_set_new(entry, "result", text(q, COL_RESULT));
    return entry;
}

json_t *queue_leased_entry(struct store *s, int64_t id, struct err **err)
{
    AUTO_QUERY q = store_query(s, ENTRIES "WHERE queue.id = ?2",
                               ARGS(A_INT(clock_wall_ms()), A_INT(id)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc == 0)
        err_set(err, ERR_CORRUPT, "queue entry %" PRId64 " has no patch, run or image", id);
    return rc > 0 ? entry_json(q, true, err) : NULL;
}

static int check_state(const char *state, struct err **err)
{
    AUTO_FREE char *shown = NULL;

    if (!state)
        return 0;
    for (int i = 0; queue_state_names[i]; i++)
        if (str_eq(queue_state_names[i], state))
            return 0;
    shown = str_printable(state, strlen(state), false);
    err_set(err, ERR_INVALID, "'%s' is no state of a queue entry", shown);
    return err_hint(err, "use ready, leased, done, failed or held");
}

json_t *queue_list(struct store *s, const char *state, int64_t limit, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = NULL;
    int rc;

    if (check_state(state, err) < 0)
        return NULL;
    q = store_query(s, ENTRIES "WHERE ?2 IS NULL OR " STATE_NOW " = ?2 ORDER BY queue.id LIMIT ?3",
                    ARGS(A_INT(clock_wall_ms()), A_TEXT(state), A_INT(limit > 0 ? limit : -1)),
                    err);
    if (!q)
        return NULL;
    while ((rc = query_step(q, err)) > 0) {
        json_t *entry = entry_json(q, false, err);

        if (!entry)
            return NULL;
        json_array_append_new(list, entry);
    }
    return rc < 0 ? NULL : json_incref(list);
}
