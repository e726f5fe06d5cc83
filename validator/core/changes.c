/* Unexplained changes as the verdict has them, and what people said of them since. */
#include "core/changes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/observe.h"
#include "core/signoff.h"
#include "store/store.h"

enum { PREFIX_MIN = 4, SUMMARY_MAX = 16 << 20 };

static json_t *summary_of(struct store *s, int64_t run, struct err **err)
{
    AUTO_QUERY q = store_query(s, "SELECT summary FROM run WHERE id = ?", ARGS(A_INT(run)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc < 0)
        return NULL;
    if (rc == 0) {
        err_set(err, ERR_NOT_FOUND, "there is no run %" PRId64, run);
        err_hint(err, "'patchlab run list' shows what there is");
        return NULL;
    }
    const char *text = query_text(q, 0);
    if (!text) {
        err_set(err, ERR_CONFLICT, "run %" PRId64 " has no verdict yet", run);
        return NULL;
    }
    json_t *j = json_parse(text, strlen(text), SUMMARY_MAX, "stored run", err);
    if (!j)
        (*err)->code = ERR_CORRUPT;
    return j;
}

static bool is_open(const json_t *item)
{
    return str_eq(json_str_at(item, "state"), change_state_names[CHANGE_OPEN]);
}

static json_t *item_at(const json_t *changes, size_t i)
{
    return json_array_get(json_object_get(changes, "items"), i);
}

static size_t item_count(const json_t *changes)
{
    return json_array_size(json_object_get(changes, "items"));
}

/* The item of this id; NULL when it is none of the run's. */
static json_t *find_item(const json_t *changes, const char *id)
{
    for (size_t i = 0; i < item_count(changes); i++) {
        if (str_eq(json_str_at(item_at(changes, i), "item"), id))
            return item_at(changes, i);
    }
    return NULL;
}

/* What people said since: open items become acknowledged. */
static int apply_acknowledgements(struct store *s, int64_t run, json_t *changes, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT item, person, remark, at FROM acknowledgement WHERE run = ?",
                               ARGS(A_INT(run)), err);
    int rc = q ? query_step(q, err) : -1;
    json_int_t open = json_int_at(changes, "open");

    for (; rc > 0; rc = query_step(q, err)) {
        json_t *item = find_item(changes, query_text(q, 0));
        if (!item || !is_open(item))
            continue;
        AUTO_FREE char *why = xasprintf("%s: %s", query_text(q, 1), query_text(q, 2));
        json_object_set_new(item, "state", json_string(change_state_names[CHANGE_ACKNOWLEDGED]));
        json_object_set_new(item, "why", json_text(why));
        open--;
    }
    json_object_set_new(changes, "open", json_integer(open));
    return rc;
}

json_t *changes_of_run(struct store *s, int64_t run, struct err **err)
{
    AUTO_JSON *summary = summary_of(s, run, err);

    if (!summary)
        return NULL;
    AUTO_JSON *changes = json_incref(json_object_get(summary, "changes"));
    if (!json_is_object(changes)) {
        json_decref(changes);
        changes = json_pack("{s:b, s:s, s:i, s:i, s:i, s:[], s:i, s:b, s:[]}", "observed", false,
                            "note", "the run ended before it was looked at", "baselines", 0,
                            "noise", 0, "open", 0, "explained", "more", 0, "only_reason", false,
                            "items");
    }
    json_object_set_new(changes, "run", json_integer((json_int_t)run));
    if (apply_acknowledgements(s, run, changes, err) < 0)
        return NULL;
    return json_incref(changes);
}

int changes_gate(struct store *s, int64_t run, bool *ret_only, size_t *ret_open, struct err **err)
{
    AUTO_JSON *changes = changes_of_run(s, run, err);

    if (!changes)
        return -1;
    *ret_only = json_is_true(json_object_get(changes, "only_reason"));
    *ret_open = (size_t)json_int_at(changes, "open");
    return 0;
}

int changes_find_acknowledged(struct store *s, int64_t image, int64_t patch, const char *item,
                              char **ret_who, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT a.person, a.run FROM acknowledgement a"
                               " JOIN run r ON r.id = a.run JOIN image i ON i.id = r.image"
                               " WHERE a.item = ?3 AND r.patch = ?2"
                               " AND i.digest = (SELECT digest FROM image WHERE id = ?1)"
                               " ORDER BY a.id LIMIT 1",
                               ARGS(A_INT(image), A_INT(patch), A_TEXT(item)), err);
    int rc = q ? query_step(q, err) : -1;

    if (rc > 0)
        *ret_who = xasprintf("acknowledged by '%s' in run %" PRId64, query_text(q, 0),
                             query_int(q, 1));
    return rc;
}

/* --- acknowledging --------------------------------------------------------------------------- */

static int check_role(struct store *s, int64_t run, const char *person, struct err **err)
{
    int64_t other = 0;

    if (store_int(s,
                  "SELECT count(*) FROM signoff WHERE run = ? AND person = ? AND role <> 'owner'",
                  ARGS(A_INT(run), A_TEXT(person)), 0, &other, err)
        < 0)
        return -1;
    if (other == 0)
        return 0;
    err_set(err, ERR_DENIED, "'%s' signed run %" PRId64 " in another role than owner", person, run);
    return err_hint(err, "changes are acknowledged by an owner: somebody else must do it");
}

/* The id that `text` is or begins; an item that is acknowledged already is fine. */
static int choose_one(const json_t *changes, const char *text, struct strv *ret, struct err **err)
{
    const char *found = NULL;
    AUTO_FREE char *shown = str_printable(text, strlen(text), false);

    for (size_t i = 0; i < item_count(changes) && strlen(text) >= PREFIX_MIN; i++) {
        const char *id = json_str_at(item_at(changes, i), "item");
        if (!id || !str_starts(id, text))
            continue;
        if (found)
            return err_set(err, ERR_INVALID, "more than one item begins with '%s'", shown);
        found = id;
    }
    if (!found) {
        err_set(err, ERR_NOT_FOUND, "run %lld has no change '%.100s'",
                (long long)json_int_at(changes, "run"), shown);
        return err_hint(err, "'patchlab run changes %lld' lists them",
                        (long long)json_int_at(changes, "run"));
    }
    if (!strv_has(ret, found) && is_open(find_item(changes, found)))
        strv_add(ret, found);
    return 0;
}

static int choose(const json_t *changes, const struct strv *items, struct strv *ret,
                  struct err **err)
{
    for (size_t i = 0; i < items->len; i++) {
        if (choose_one(changes, items->ptr[i], ret, err) < 0)
            return -1;
    }
    if (items->len > 0)
        return 0;
    if (json_int_at(changes, "more") > 0) {
        err_set(err, ERR_CONFLICT, "the run has more than %d unexplained changes", CHANGES_KEPT);
        return err_hint(err, "nobody can look at so many: refuse the patch, or have it explained");
    }
    for (size_t i = 0; i < item_count(changes); i++) {
        if (is_open(item_at(changes, i)))
            strv_add(ret, json_str_at(item_at(changes, i), "item"));
    }
    if (ret->len > 0)
        return 0;
    return err_set(err, ERR_CONFLICT, "run %lld has no change to be acknowledged",
                   (long long)json_int_at(changes, "run"));
}

static int insert(struct store *tx, int64_t run, const struct strv *ids, const char *person,
                  const char *remark, struct err **err)
{
    int64_t now = clock_wall_ms();

    for (size_t i = 0; i < ids->len; i++) {
        if (store_exec(
                tx,
                "INSERT INTO acknowledgement (run, item, person, remark, at)"
                " VALUES (?, ?, ?, ?, ?)",
                ARGS(A_INT(run), A_TEXT(ids->ptr[i]), A_TEXT(person), A_TEXT(remark), A_INT(now)),
                err)
            < 0)
            return -1;
    }
    return 0;
}

/* Kind, key and values stand in the record, too: it tells by itself what was taken on. */
static int record(struct store *tx, int64_t run, const json_t *changes, const struct strv *ids,
                  const char *person, const char *remark, struct err **err)
{
    json_t *items = json_array();

    for (size_t i = 0; i < ids->len; i++) {
        AUTO_JSON *item = json_copy(find_item(changes, ids->ptr[i]));
        json_object_del(item, "state");
        json_object_del(item, "why");
        json_array_append(items, item);
    }
    AUTO_JSON *body = json_pack("{s:s, s:s, s:o}", "person", person, "remark", remark, "items",
                                items);
    return evidence_append(tx, run, "changes.acknowledged", body, NULL, err);
}

int changes_acknowledge(struct store *s, int64_t run, const struct strv *items, const char *person,
                        const char *remark, size_t *ret_count, struct err **err)
{
    AUTO_STRV ids = { 0 };

    if (person_check_word(person, remark, "an acknowledgement needs a remark",
                          "say with --remark why the change is wanted", err)
        < 0)
        return -1;
    AUTO_FREE char *clean = str_to_utf8(remark, strlen(remark));
    AUTO_TX tx = tx_begin(s, err);
    AUTO_JSON *changes = tx ? changes_of_run(tx, run, err) : NULL;
    if (!changes || check_role(tx, run, person, err) < 0 || choose(changes, items, &ids, err) < 0)
        return -1;
    if (ids.len > 0
        && (insert(tx, run, &ids, person, clean, err) < 0
            || record(tx, run, changes, &ids, person, clean, err) < 0
            || signoff_move_queue(tx, run, err) < 0))
        return err_wrap(err, "cannot acknowledge changes of run %" PRId64, run);
    *ret_count = ids.len;
    return tx_commit(&tx, err);
}
