/* Writing the inventory: every change of a row is a record of its history in one transaction. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/queue.h"
#include "core/server.h"
#include "core/server_work.h"
#include "core/site.h"
#include "store/store.h"

/* Behind the fields in the order of enum server_field. */
enum { ARGS_MAX = SERVER_FIELDS + 4 };

static size_t field_args(const char *const value[SERVER_FIELDS], struct arg *args)
{
    for (size_t i = 0; i < SERVER_FIELDS; i++)
        args[i] = A_TEXT(value[i]);
    return SERVER_FIELDS;
}

json_t *server_change(const char *before, const char *after)
{
    return json_pack("[o, o]", json_text(before), json_text(after));
}

/* What the row makes of the values that there are. */
static json_t *merge(const char *const old[SERVER_FIELDS], const struct server_row *r,
                     const char *ret[SERVER_FIELDS])
{
    json_t *changes = json_object();

    for (size_t i = 0; i < SERVER_FIELDS; i++) {
        ret[i] = !r->value[i] ? old[i] : *r->value[i] ? r->value[i] : NULL;
        if (!str_eq(ret[i], old[i]))
            json_object_set_new(changes, server_fields[i].name, server_change(old[i], ret[i]));
    }
    return changes;
}

int server_record(struct server_writer *w, int64_t id, const char *action, const char *origin,
                  const json_t *changes, struct err **err)
{
    AUTO_FREE char *text = json_canonical(changes);

    return store_exec(w->tx,
                      "INSERT INTO server_history (server, seq, at, by, action, origin, changes)"
                      " SELECT ?1, ifnull(max(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6"
                      " FROM server_history WHERE server = ?1",
                      ARGS(A_INT(id), A_INT(clock_wall_ms()), A_TEXT(w->by), A_TEXT(action),
                           A_TEXT(origin), A_TEXT(text)),
                      err)
                   < 0
               ? -1
               : 0;
}

static int need_category(const char *const value[SERVER_FIELDS], const char *name, struct err **err)
{
    if (value[SERVER_CATEGORY])
        return 0;
    return err_set(err, ERR_INVALID, "server '%s' needs a category", name);
}

/* What the queue holds for it was tested with an image that does not stand for it any more. */
static int hold(struct server_writer *w, const char *name, const char *why, struct err **err)
{
    AUTO_FREE char *reason = xasprintf("server '%s' %s", name, why);

    return queue_hold_strays(w->tx, name, reason, err);
}

int server_insert(struct server_writer *w, const struct server_row *r, struct err **err)
{
    static const char *const nothing[SERVER_FIELDS];
    const char *value[SERVER_FIELDS];
    AUTO_JSON *changes = merge(nothing, r, value);
    struct arg args[ARGS_MAX] = { { .type = ARG_END } };
    size_t n = field_args(value, args);

    args[n++] = A_TEXT(r->name);
    args[n++] = A_INT(clock_wall_ms());
    args[n++] = A_INT(clock_wall_ms());
    args[n] = (struct arg){ .type = ARG_END };
    if (need_category(value, r->name, err) < 0
        || store_exec(
               w->tx,
               "INSERT INTO server (category, image, owner, support, users, location,"
               " purpose, exposure, data_value, redundancy, \"window\", last_patched, ticket,"
               " name, created, changed)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
               args, err)
               < 0
        || server_record(w, store_last_id(w->tx), "added", r->where, changes, err) < 0)
        return -1;
    /* An image may have named it before the inventory knew it. */
    return value[SERVER_IMAGE] ? hold(w, r->name, "has another image now", err) : 0;
}

static int check_in_service(const struct server *s, struct err **err)
{
    if (!s->retired)
        return 0;
    err_set(err, ERR_CONFLICT, "server '%s' is retired", s->name);
    return err_hint(err, "'patchlab server retire --undo %s' takes it back", s->name);
}

int server_update(struct server_writer *w, const struct server *s, const struct server_row *r,
                  enum server_put *ret, struct err **err)
{
    const char *value[SERVER_FIELDS];
    AUTO_JSON *changes = merge((const char *const *)s->value, r, value);
    struct arg args[ARGS_MAX] = { { .type = ARG_END } };
    size_t n = field_args(value, args);

    if (check_in_service(s, err) < 0 || need_category(value, s->name, err) < 0)
        return -1;
    *ret = json_object_size(changes) > 0 ? SERVER_CHANGED : SERVER_SAME;
    if (*ret == SERVER_SAME)
        return 0;
    args[n++] = A_INT(clock_wall_ms());
    args[n++] = A_INT(s->id);
    args[n] = (struct arg){ .type = ARG_END };
    if (store_exec(w->tx,
                   "UPDATE server SET category = ?, image = ?, owner = ?, support = ?, users = ?,"
                   " location = ?, purpose = ?, exposure = ?, data_value = ?, redundancy = ?,"
                   " \"window\" = ?, last_patched = ?, ticket = ?, changed = ? WHERE id = ?",
                   args, err)
            < 0
        || server_record(w, s->id, "changed", r->where, changes, err) < 0)
        return -1;
    return json_object_get(changes, "image") ? hold(w, s->name, "has another image now", err) : 0;
}

/* --- one ------------------------------------------------------------------------------------- */

int server_add(const struct site *site, const struct server_row *r, struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);
    AUTO_SERVER_WRITER w = { .tx = tx, .by = site->user };
    AUTO_SERVER old = { 0 };
    int rc = tx ? server_look_up(&w, r->name, &old, err) : -1;

    if (rc < 0)
        return -1;
    if (rc > 0) {
        if (check_in_service(&old, err) < 0)
            return -1;
        err_set(err, ERR_CONFLICT, "there is a server '%s' already", r->name);
        return err_hint(err, "'patchlab server set' changes it");
    }
    if (server_insert(&w, r, err) < 0)
        return -1;
    server_writer_release(&w);
    return tx_commit(&tx, err);
}

static int need(struct server_writer *w, const char *name, struct server *ret, struct err **err)
{
    const struct site site = { .store = w->tx };

    return server_find(&site, name, ret, err);
}

int server_set(const struct site *site, const struct server_row *r, bool *ret_changed,
               struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);
    AUTO_SERVER_WRITER w = { .tx = tx, .by = site->user };
    AUTO_SERVER old = { 0 };
    enum server_put put;

    if (!tx || need(&w, r->name, &old, err) < 0 || server_update(&w, &old, r, &put, err) < 0
        || tx_commit(&tx, err) < 0)
        return -1;
    *ret_changed = put == SERVER_CHANGED;
    return 0;
}

static int move(const struct site *site, const char *name, bool retire, const char *reason,
                struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);
    AUTO_SERVER_WRITER w = { .tx = tx, .by = site->user };
    AUTO_SERVER s = { 0 };
    AUTO_JSON *none = json_object();
    AUTO_FREE char *clean = reason ? str_to_utf8(reason, strlen(reason)) : NULL;

    if (!tx || need(&w, name, &s, err) < 0)
        return -1;
    if (!s.retired == !retire)
        return err_set(err, ERR_CONFLICT, "server '%s' is %s", s.name,
                       retire ? "retired already" : "in service");
    if (store_exec(
            tx, "UPDATE server SET retired = ?, changed = ? WHERE id = ?",
            ARGS(retire ? A_INT(clock_wall_ms()) : A_NULL, A_INT(clock_wall_ms()), A_INT(s.id)),
            err)
            < 0
        || server_record(&w, s.id, retire ? "retired" : "returned", clean, none, err) < 0
        || (retire && hold(&w, s.name, "is retired", err) < 0))
        return -1;
    return tx_commit(&tx, err);
}

int server_retire(const struct site *site, const char *name, const char *reason, struct err **err)
{
    if (reason && strlen(reason) > SERVER_TEXT_MAX)
        return err_set(err, ERR_INVALID, "the reason is longer than %d bytes", SERVER_TEXT_MAX);
    return move(site, name, /* retire= */ true, reason, err);
}

int server_return(const struct site *site, const char *name, struct err **err)
{
    return move(site, name, /* retire= */ false, /* reason= */ NULL, err);
}
