/* Servers in the store: finding and listing them; see server.h. */
#include "core/server.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "core/server_work.h"
#include "core/site.h"
#include "store/store.h"

/* The fields stand in the order of enum server_field. */
#define COLUMNS \
    "SELECT id, name, package_list, facts, facts_at, created, changed, retired, category, image," \
    " owner, support, users, location, purpose, exposure, data_value, redundancy, \"window\"," \
    " last_patched, ticket FROM server "

enum { FIRST_FIELD = 8 };

void server_release(struct server *s)
{
    free(s->name);
    free(s->package_list);
    free(s->facts);
    for (size_t i = 0; i < SERVER_FIELDS; i++)
        free(s->value[i]);
    *s = (struct server){ 0 };
}

static void read_row(struct query *q, struct server *ret)
{
    *ret = (struct server){
        .id = query_int(q, 0),
        .name = xstrdup(query_text(q, 1)),
        .package_list = xstrdup(query_text(q, 2)),
        .facts = xstrdup(query_text(q, 3)),
        .facts_at = query_int(q, 4),
        .created = query_int(q, 5),
        .changed = query_int(q, 6),
        .retired = query_int(q, 7),
    };
    for (int i = 0; i < SERVER_FIELDS; i++)
        ret->value[i] = xstrdup(query_text(q, FIRST_FIELD + i));
}

void server_writer_release(struct server_writer *w)
{
    query_free(w->find);
    w->find = NULL;
}

int server_look_up(struct server_writer *w, const char *name, struct server *ret, struct err **err)
{
    const struct arg *args = ARGS(A_TEXT(name));
    int rc;

    if (!w->find)
        w->find = store_query(w->tx, COLUMNS "WHERE name = ?", args, err);
    else if (query_again(w->find, args, err) < 0)
        return -1;
    rc = w->find ? query_step(w->find, err) : -1;
    if (rc > 0)
        read_row(w->find, ret);
    return rc;
}

int server_find(const struct site *site, const char *name, struct server *ret, struct err **err)
{
    AUTO_SERVER_WRITER w = { .tx = site->store };
    int rc = server_look_up(&w, name, ret, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    AUTO_FREE char *shown = str_printable(name, strlen(name), false);
    err_set(err, ERR_NOT_FOUND, "there is no server '%s'", shown);
    return err_hint(err, "'patchlab server list' shows what there is");
}

int server_each(const struct site *site, const struct server_filter *f,
                int (*each)(void *arg, const struct server *s, struct err **err), void *arg,
                struct err **err)
{
    AUTO_QUERY q = store_query(site->store,
                               COLUMNS "WHERE (?1 IS NULL OR category = ?1)"
                                       " AND (?2 IS NULL OR image = ?2)"
                                       " AND (?3 OR retired IS NULL) ORDER BY name",
                               ARGS(A_TEXT(f->category), A_TEXT(f->image), A_INT(f->retired_too)),
                               err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        AUTO_SERVER s = { 0 };

        read_row(q, &s);
        if (each(arg, &s, err) < 0)
            return -1;
    }
    return rc;
}

static int append(void *arg, const struct server *s, struct err **err)
{
    (void)err;
    json_array_append_new(arg, server_json(s));
    return 0;
}

json_t *server_list(const struct site *site, const struct server_filter *f, struct err **err)
{
    AUTO_JSON *list = json_array();

    return server_each(site, f, append, list, err) < 0 ? NULL : json_incref(list);
}

static json_t *time_json(int64_t ms)
{
    return ms ? json_integer((json_int_t)ms) : json_null();
}

json_t *server_json(const struct server *s)
{
    json_t *j = json_pack("{s:o}", "name", json_text(s->name));

    for (size_t i = 0; i < SERVER_FIELDS; i++)
        json_object_set_new(j, server_fields[i].name, json_text(s->value[i]));
    json_object_set_new(j, "packages", json_text(s->package_list));
    json_object_set_new(j, "facts_at", time_json(s->facts_at));
    json_object_set_new(j, "created", time_json(s->created));
    json_object_set_new(j, "changed", time_json(s->changed));
    json_object_set_new(j, "retired", time_json(s->retired));
    return j;
}

json_t *server_history(const struct site *site, int64_t id, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store,
                               "SELECT at, by, action, origin, changes FROM server_history"
                               " WHERE server = ? ORDER BY seq",
                               ARGS(A_INT(id)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        const char *text = query_text(q, 4);
        json_t *changes = json_parse(text, strlen(text), NODE_MAX_BYTES, "history", err);

        if (!changes)
            return NULL;
        json_array_append_new(
            list, json_pack("{s:I, s:o, s:o, s:o, s:o}", "at", (json_int_t)query_int(q, 0), "by",
                            json_text(query_text(q, 1)), "action", json_text(query_text(q, 2)),
                            "origin", json_text(query_text(q, 3)), "changes", changes));
    }
    return rc < 0 ? NULL : json_incref(list);
}

static json_t *brief_json(struct query *q)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(query_text(q, 0)), "category",
                     json_text(query_text(q, 1)), "exposure", json_text(query_text(q, 2)),
                     "packages", json_text(query_text(q, 3)));
}

json_t *server_list_of_image(const struct site *site, int64_t image, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(site->store,
                               "SELECT i.server, s.category, s.exposure, s.package_list"
                               " FROM image_server AS i LEFT JOIN server AS s ON s.name = i.server"
                               " WHERE i.image = ? ORDER BY i.server",
                               ARGS(A_INT(image)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(list, brief_json(q));
    return rc < 0 ? NULL : json_incref(list);
}

json_t *server_lists(const struct site *site, struct err **err)
{
    AUTO_JSON *lists = json_object();
    AUTO_QUERY q = store_query(site->store,
                               "SELECT name, category, exposure, package_list FROM server"
                               " WHERE retired IS NULL AND package_list IS NOT NULL ORDER BY name",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        const char *digest = query_text(q, 3);
        if (!json_object_get(lists, digest))
            json_object_set_new(lists, digest, json_array());
        json_array_append_new(json_object_get(lists, digest), brief_json(q));
    }
    return rc < 0 ? NULL : json_incref(lists);
}
