/*
 * store - the one SQLite database of a state directory.
 *
 * Processes (validate, work, serve, tick) meet here and nowhere else: WAL, synchronous=FULL,
 * foreign keys on, a busy timeout of 30 s.  A database written by a newer patchlab is refused.
 * SQL text is always a literal; every value goes through a bound parameter:
 *
 *     store_exec(s, "UPDATE run SET state = ? WHERE id = ?", ARGS(A_TEXT(state), A_INT(id)), err);
 *
 *     AUTO_QUERY q = store_query(s, "SELECT name FROM image WHERE id = ?", ARGS(A_INT(id)), err);
 *     while ((rc = query_step(q, err)) > 0)
 *         use(query_text(q, 0));
 *
 * Errors carry SQLite's own message: ERR_NO_ROOM disk full, ERR_CORRUPT a damaged file (or a text
 * with a NUL inside), ERR_CONFLICT a constraint, ERR_TIMEOUT locked for too long, else ERR_IO.
 *
 * A store is used by one thread at a time, and not across fork().
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct store;
struct query;

struct arg {
    enum { ARG_END, ARG_TEXT, ARG_INT, ARG_NULL } type;
    const char *text;
    int64_t integer;
};
#define A_TEXT(s) ((struct arg){ .type = ARG_TEXT, .text = (s) }) /* NULL binds SQL NULL */
#define A_INT(i) ((struct arg){ .type = ARG_INT, .integer = (i) })
#define A_NULL ((struct arg){ .type = ARG_NULL })
#define ARGS(...) ((const struct arg[]){ __VA_ARGS__, { .type = ARG_END } })
#define NO_ARGS ((const struct arg[]){ { .type = ARG_END } })

/*
 * Opens DIR/patchlab.db, making both when absent (0700, 0600), and brings its schema up to date.
 * ERR_CONFLICT: written by a newer patchlab; ERR_INVALID: a database of another program;
 * ERR_CORRUPT: no database at all.  A file that is refused is left as it is.
 */
struct store *store_open(const char *dir, struct err **err);
void store_close(struct store *s);

/* The number of rows changed, or -1. */
int store_exec(struct store *s, const char *sql, const struct arg *args, struct err **err);
int64_t store_last_id(struct store *s);

/* One integer of a one-row query; `if_none` when there is no row or it holds NULL. */
int store_int(struct store *s, const char *sql, const struct arg *args, int64_t if_none,
              int64_t *ret, struct err **err);

struct query *store_query(struct store *s, const char *sql, const struct arg *args,
                          struct err **err);
/* Starts the same statement again with other values: a loop prepares it once. */
int query_again(struct query *q, const struct arg *args, struct err **err);
int query_step(struct query *q, struct err **err);   /* 1 row, 0 end, -1 error */
const char *query_text(struct query *q, int column); /* until the next step; NULL for SQL NULL */
int64_t query_int(struct query *q, int column);
bool query_is_null(struct query *q, int column);
void query_free(struct query *q);

/*
 * A transaction takes the write lock at once (BEGIN IMMEDIATE), so what it reads stays true until
 * it commits.  Not nested.  With AUTO_TX a scope that is left without tx_commit() rolls back:
 *
 *     AUTO_TX tx = tx_begin(s, err);
 *     if (!tx) return -1;
 *     ...
 *     return tx_commit(&tx, err);
 */
struct store *tx_begin(struct store *s, struct err **err);
int tx_commit(struct store **tx, struct err **err);
void tx_rollbackp(struct store **tx);
bool store_in_tx(const struct store *s); /* for the assert() of what must run inside one */
#define AUTO_TX __attribute__((cleanup(tx_rollbackp))) struct store *

static inline void query_freep(struct query **q)
{
    query_free(*q);
}
#define AUTO_QUERY __attribute__((cleanup(query_freep))) struct query *
static inline void store_closep(struct store **s)
{
    store_close(*s);
}
#define AUTO_STORE __attribute__((cleanup(store_closep))) struct store *

#endif
