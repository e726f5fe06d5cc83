/* Taking an inventory in as a whole, from our own JSON and from a host's domains. */
#include "core/server_import.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "core/server_rows.h"
#include "core/server_work.h"
#include "core/site.h"
#include "ports/domains.h"
#include "store/store.h"

/* --- our own JSON ---------------------------------------------------------------------------- */

/* What `server list` says besides, and nobody can set. */
static bool is_told_only(const char *key)
{
    static const char *const keys[] = { "name",    "packages", "facts_at",
                                        "created", "changed",  "retired" };

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (str_eq(keys[i], key))
            return true;
    }
    return false;
}

static int take_object(const json_t *o, struct server_row *r, struct err **err)
{
    const json_t *name = json_object_get(o, "name");
    const char *key;
    json_t *value;

    if (!json_is_string(name) || strlen(json_string_value(name)) != json_string_length(name))
        return err_set(err, ERR_INVALID, "an object with a 'name' expected");
    if (server_row_name(r, json_string_value(name), err) < 0)
        return -1;
    json_object_foreach((json_t *)o, key, value)
    {
        int f = server_field_of(key);

        if (is_told_only(key))
            continue;
        if (f < 0)
            return server_field_unknown(key, "member", err);
        if (server_row_set_json(r, (enum server_field)f, value, err) < 0)
            return -1;
    }
    return 0;
}

int server_rows_from_json(const char *text, size_t len, const char *name, struct server_rows *ret,
                          struct err **err)
{
    AUTO_ROW_COLLECTOR c = { 0 };
    AUTO_JSON *list = json_parse(text, len, SERVER_IMPORT_MAX, name, err);
    const json_t *item;
    size_t i;

    if (!list)
        return -1;
    if (!json_is_array(list))
        return err_set(err, ERR_INVALID, "%s: a list of servers expected", name);
    json_array_foreach(list, i, item)
    {
        AUTO_SERVER_ROW r = { .where = xasprintf("%s: item %zu", name, i + 1) };

        if (take_object(item, &r, err) < 0 || row_collector_add(&c, &r, err) < 0)
            return err_wrap(err, "%s: item %zu", name, i + 1);
    }
    row_collector_finish(&c, ret);
    return 0;
}

/* --- domains --------------------------------------------------------------------------------- */

static int take_domain(const struct domain *d, const char *uri, struct row_collector *c,
                       struct err **err)
{
    AUTO_FREE char *shown = str_printable(d->name, strnlen(d->name, SERVER_TEXT_MAX), false);
    AUTO_FREE char *memory = unit_size(d->memory);
    AUTO_SERVER_ROW r = { .where = xasprintf("%s: domain '%s' (%d CPU, %s)", uri, shown, d->vcpus,
                                             memory) };

    if (server_row_name(&r, d->name, err) < 0
        || (d->title && *d->title && server_row_set(&r, SERVER_PURPOSE, d->title, err) < 0)
        || row_collector_add(c, &r, err) < 0)
        return err_wrap(err, "%s: domain '%s'", uri, shown);
    return 0;
}

int server_rows_from_domains(const struct domain_list *l, const char *uri, struct server_rows *ret,
                             struct err **err)
{
    AUTO_ROW_COLLECTOR c = { 0 };

    for (size_t i = 0; i < l->len; i++) {
        if (take_domain(&l->ptr[i], uri, &c, err) < 0)
            return -1;
    }
    row_collector_finish(&c, ret);
    return 0;
}

/* --- all or nothing -------------------------------------------------------------------------- */

static int add_new(struct server_writer *w, const struct server_row *r, const char *category,
                   struct err **err)
{
    struct server_row filled = *r; /* borrows */
    AUTO_FREE char *copy = xstrdup(category);

    if (!r->value[SERVER_CATEGORY] || !*r->value[SERVER_CATEGORY])
        filled.value[SERVER_CATEGORY] = copy;
    return server_insert(w, &filled, err);
}

static int put(struct server_writer *w, const struct server_row *r, const char *category,
               struct server_import_report *report, struct err **err)
{
    AUTO_SERVER old = { 0 };
    int there = server_look_up(w, r->name, &old, err);
    enum server_put how = SERVER_ADDED;

    if (there < 0
        || (there ? server_update(w, &old, r, &how, err) : add_new(w, r, category, err)) < 0)
        return r->where ? err_wrap(err, "%s", r->where) : -1;
    report->added += how == SERVER_ADDED;
    report->changed += how == SERVER_CHANGED;
    report->unchanged += how == SERVER_SAME;
    return 0;
}

int server_import(const struct site *site, const struct server_rows *rows,
                  const struct server_import_options *o, struct server_import_report *ret,
                  struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);
    AUTO_SERVER_WRITER w = { .tx = tx, .by = site->user };
    struct server_import_report report = { 0 };

    if (!tx)
        return -1;
    for (size_t i = 0; i < rows->len; i++) {
        if (put(&w, &rows->ptr[i], o->category, &report, err) < 0)
            return -1;
    }
    server_writer_release(&w);
    if (!o->dry_run && tx_commit(&tx, err) < 0)
        return -1;
    *ret = report;
    return 0;
}

static int append(void *arg, const struct server *s, struct err **err)
{
    json_t *j = json_pack("{s:o}", "name", json_text(s->name));

    (void)err;
    for (size_t i = 0; i < SERVER_FIELDS; i++)
        json_object_set_new(j, server_fields[i].name, json_text(s->value[i]));
    json_array_append_new(arg, j);
    return 0;
}

json_t *server_export_json(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();

    return server_each(site, &(struct server_filter){ 0 }, append, list, err) < 0
               ? NULL
               : json_incref(list);
}
