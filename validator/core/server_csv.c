/* The inventory as CSV: the first line names the columns. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/server_rows.h"

enum { NAME_COLUMN = SERVER_FIELDS };

struct csv_import {
    const char *file;
    int column[SERVER_FIELDS + 1]; /* the field of each column, or NAME_COLUMN */
    size_t columns;
    struct row_collector c;
};

static int take_title(struct csv_import *in, const char *title, struct err **err)
{
    int field = str_eq(title, "name") ? NAME_COLUMN : server_field_of(title);

    if (field < 0)
        return server_field_unknown(title, "column", err);
    for (size_t i = 0; i < in->columns; i++) {
        if (in->column[i] == field)
            return err_set(err, ERR_INVALID, "column '%s' is there twice", title);
    }
    in->column[in->columns++] = field;
    return 0;
}

static int take_titles(struct csv_import *in, const struct strv *titles, struct err **err)
{
    bool named = strv_has(titles, "name");

    for (size_t i = 0; i < titles->len; i++) {
        if (take_title(in, titles->ptr[i], err) < 0)
            return -1;
    }
    return named ? 0 : err_set(err, ERR_INVALID, "there is no column 'name'");
}

static int take_fields(struct csv_import *in, int line, const struct strv *fields, struct err **err)
{
    AUTO_SERVER_ROW r = { .where = xasprintf("%s:%d", in->file, line) };

    for (size_t i = 0; i < fields->len; i++) {
        int f = in->column[i];
        int rc = f == NAME_COLUMN ? server_row_name(&r, fields->ptr[i], err)
                                  : server_row_set(&r, (enum server_field)f, fields->ptr[i], err);
        if (rc < 0)
            return -1;
    }
    return row_collector_add(&in->c, &r, err);
}

static int take_record(void *arg, int line, const struct strv *fields, struct err **err)
{
    struct csv_import *in = arg;
    int rc = in->columns ? take_fields(in, line, fields, err) : take_titles(in, fields, err);

    return rc < 0 ? err_wrap(err, "%s:%d", in->file, line) : 0;
}

int server_rows_from_csv(const char *text, size_t len, const char *name, struct server_rows *ret,
                         struct err **err)
{
    struct csv_import in = { .file = name };
    int rc = csv_read(text, len, name, take_record, &in, err);

    if (rc == 0 && in.columns == 0)
        rc = err_set(err, ERR_INVALID, "%s: the first line must name the columns", name);
    if (rc == 0)
        row_collector_finish(&in.c, ret);
    row_collector_release(&in.c);
    return rc;
}

/* --- export ---------------------------------------------------------------------------------- */

static int add_line(void *arg, const struct server *s, struct err **err)
{
    (void)err;
    csv_add(arg, s->name);
    for (size_t i = 0; i < SERVER_FIELDS; i++)
        csv_add(arg, s->value[i] ? s->value[i] : "");
    csv_end(arg);
    return 0;
}

char *server_export_csv(const struct site *site, struct err **err)
{
    AUTO_STR out = STR_INIT(SIZE_MAX / 2);

    csv_add(&out, "name");
    for (size_t i = 0; i < SERVER_FIELDS; i++)
        csv_add(&out, server_fields[i].name);
    csv_end(&out);
    if (server_each(site, &(struct server_filter){ 0 }, add_line, &out, err) < 0)
        return NULL;
    return str_take(&out);
}
