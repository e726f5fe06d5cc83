/* Transactions. */
#include <assert.h>
#include <stddef.h>

#include "base/err.h"
#include "store/db.h"
#include "store/store.h"

bool store_in_tx(const struct store *s)
{
    return !sqlite3_get_autocommit(s->db);
}

struct store *tx_begin(struct store *s, struct err **err)
{
    assert(!store_in_tx(s));
    if (db_run(s, "BEGIN IMMEDIATE", "lock", err) < 0)
        return NULL;
    return s;
}

int tx_commit(struct store **tx, struct err **err)
{
    if (db_run(*tx, "COMMIT", "write to", err) < 0)
        return -1; /* it stays in *tx, so that the end of the scope rolls back */
    *tx = NULL;
    return 0;
}

void tx_rollbackp(struct store **tx)
{
    /* After some failures SQLite has rolled back by itself; in a store that failed to open there
     * is no statement yet, and closing rolls back. */
    if (*tx && store_in_tx(*tx) && (*tx)->rollback) {
        sqlite3_step((*tx)->rollback);
        sqlite3_reset((*tx)->rollback);
    }
    *tx = NULL;
}
