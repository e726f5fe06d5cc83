/* Statements: prepared, bound, stepped, freed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/store.h"

struct query {
    struct store *s;
    sqlite3_stmt *stmt;
    bool done; /* SQLite would run the statement again at a step after the end */
};

static int bind_one(sqlite3_stmt *stmt, int i, const struct arg *a)
{
    if (a->type == ARG_INT)
        return sqlite3_bind_int64(stmt, i, a->integer);
    if (a->type == ARG_TEXT && a->text)
        return sqlite3_bind_text(stmt, i, a->text, -1, SQLITE_TRANSIENT);
    return sqlite3_bind_null(stmt, i);
}

static int bind_all(struct query *q, const struct arg *args, struct err **err)
{
    int n = 0;

    for (; args[n].type != ARG_END; n++)
        if (bind_one(q->stmt, n + 1, &args[n]))
            return db_error(q->s, "query", err);
    assert(n == sqlite3_bind_parameter_count(q->stmt));
    return 0;
}

struct query *store_query(struct store *s, const char *sql, const struct arg *args,
                          struct err **err)
{
    AUTO_QUERY q = xcalloc(1, sizeof(*q));

    q->s = s;
    log_debug(LOG_STORE, "%s", sql);
    if (sqlite3_prepare_v2(s->db, sql, -1, &q->stmt, NULL)) {
        db_error(s, "query", err);
        return NULL;
    }
    if (bind_all(q, args, err) < 0)
        return NULL;
    return TAKE(q);
}

int query_again(struct query *q, const struct arg *args, struct err **err)
{
    sqlite3_reset(q->stmt); /* repeats the error of the last step, which was reported there */
    q->done = false;
    return bind_all(q, args, err);
}

/* We never store a NUL; one that is there would hide the bytes behind it from every reader. */
static int check_texts(struct query *q, struct err **err)
{
    int n = sqlite3_data_count(q->stmt);

    for (int i = 0; i < n; i++) {
        const char *text;

        if (sqlite3_column_type(q->stmt, i) != SQLITE_TEXT)
            continue;
        text = (const char *)sqlite3_column_text(q->stmt, i);
        if (!text)
            return db_error(q->s, "read", err);
        if (strlen(text) != (size_t)sqlite3_column_bytes(q->stmt, i))
            return err_set(err, ERR_CORRUPT, "cannot read '%s': column '%s' holds a NUL byte",
                           q->s->path, sqlite3_column_name(q->stmt, i));
    }
    return 1;
}

int query_step(struct query *q, struct err **err)
{
    int rc;

    if (q->done)
        return 0;
    rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return check_texts(q, err);
    q->done = true;
    if (rc == SQLITE_DONE)
        return 0;
    return db_error(q->s, sqlite3_stmt_readonly(q->stmt) ? "read" : "write to", err);
}

const char *query_text(struct query *q, int column)
{
    return (const char *)sqlite3_column_text(q->stmt, column);
}

int64_t query_int(struct query *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

bool query_is_null(struct query *q, int column)
{
    return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

void query_free(struct query *q)
{
    if (!q)
        return;
    sqlite3_finalize(q->stmt);
    free(q);
}

int store_exec(struct store *s, const char *sql, const struct arg *args, struct err **err)
{
    AUTO_QUERY q = store_query(s, sql, args, err);
    int before = sqlite3_total_changes(s->db);
    int rc;

    if (!q)
        return -1;
    do {
        rc = query_step(q, err);
    } while (rc > 0);
    if (rc < 0)
        return -1;
    /* Of a statement that is no INSERT, UPDATE or DELETE, sqlite3_changes() tells the last one. */
    return sqlite3_total_changes(s->db) == before ? 0 : sqlite3_changes(s->db);
}

int64_t store_last_id(struct store *s)
{
    return sqlite3_last_insert_rowid(s->db);
}

int store_int(struct store *s, const char *sql, const struct arg *args, int64_t if_none,
              int64_t *ret, struct err **err)
{
    AUTO_QUERY q = store_query(s, sql, args, err);
    int rc;

    if (!q)
        return -1;
    rc = query_step(q, err);
    if (rc < 0)
        return -1;
    *ret = rc == 0 || query_is_null(q, 0) ? if_none : query_int(q, 0);
    return 0;
}
