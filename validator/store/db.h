/* db - what store.c, query.c and tx.c share; nothing outside this folder sees SQLite. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>

struct err;

struct store {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *rollback; /* prepared, so that it works when memory is out */
};

/* "cannot ACTION 'PATH': " + what SQLite says about its last failure, with code and hint. */
int db_error(struct store *s, const char *action, struct err **err);

/* Runs SQL without parameters, several statements too. */
int db_run(struct store *s, const char *sql, const char *action, struct err **err);

#endif
