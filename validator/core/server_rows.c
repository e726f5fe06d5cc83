/* Collecting the rows of an import; see server_rows.h. */
#include "core/server_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

void server_rows_release(struct server_rows *l)
{
    for (size_t i = 0; i < l->len; i++)
        server_row_release(&l->ptr[i]);
    free(l->ptr);
    *l = (struct server_rows){ 0 };
}

void row_collector_release(struct row_collector *c)
{
    server_rows_release(&c->rows);
    json_decref(c->seen);
    c->seen = NULL;
}

int row_collector_add(struct row_collector *c, struct server_row *r, struct err **err)
{
    struct server_rows *l = &c->rows;

    if (!c->seen)
        c->seen = json_object();
    const char *before = json_str_at(c->seen, r->name);
    if (before)
        return err_set(err, ERR_INVALID, "server '%s' is there already: %s", r->name, before);
    if (l->len >= SERVER_ROWS_MAX)
        return err_set(err, ERR_INVALID, "there are more than %d servers", SERVER_ROWS_MAX);
    json_object_set_new(c->seen, r->name, json_text(r->where));
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    l->ptr[l->len++] = *r;
    *r = (struct server_row){ 0 };
    return 0;
}

void row_collector_finish(struct row_collector *c, struct server_rows *ret)
{
    *ret = c->rows;
    c->rows = (struct server_rows){ 0 };
}

int server_row_set_json(struct server_row *r, enum server_field f, const json_t *value,
                        struct err **err)
{
    if (json_is_null(value))
        return server_row_set(r, f, "", err);
    /* Behind a NUL something else could stand than what is stored. */
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return err_set(err, ERR_INVALID, "%s: text expected", server_fields[f].name);
    return server_row_set(r, f, json_string_value(value), err);
}

int server_field_unknown(const char *name, const char *what, struct err **err)
{
    AUTO_STRV all = { 0 };
    AUTO_FREE char *shown = str_printable(name, strnlen(name, SERVER_TEXT_MAX), false);

    for (size_t i = 0; i < SERVER_FIELDS; i++)
        strv_add(&all, server_fields[i].name);
    AUTO_FREE char *list = strv_join(&all, ", ");
    err_set(err, ERR_INVALID, "%s '%s' is not known", what, shown);
    return err_hint(err, "known are name, %s", list);
}
