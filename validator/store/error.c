/* From what SQLite reports to our error: one table of causes. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/db.h"

#define HINT_OTHER "or choose another state directory with --state DIR"
#define HINT_ACCESS "check owner and permissions, " HINT_OTHER

static const struct cause {
    int result;
    enum err_code code;
    const char *hint;
} causes[] = {
    { SQLITE_FULL, ERR_NO_ROOM, "free some space on the file system of the state directory" },
    { SQLITE_NOMEM, ERR_NO_ROOM, NULL },
    { SQLITE_CORRUPT, ERR_CORRUPT, "restore the file from a backup" },
    { SQLITE_NOTADB, ERR_CORRUPT, "move the file away, " HINT_OTHER },
    { SQLITE_BUSY, ERR_TIMEOUT, "another patchlab process keeps the database locked; try again" },
    { SQLITE_LOCKED, ERR_TIMEOUT, NULL },
    { SQLITE_CONSTRAINT, ERR_CONFLICT, NULL },
    { SQLITE_INTERRUPT, ERR_CANCELLED, NULL },
    { SQLITE_PERM, ERR_IO, HINT_ACCESS },
    { SQLITE_READONLY, ERR_IO, HINT_ACCESS },
    { SQLITE_CANTOPEN, ERR_IO, HINT_ACCESS },
};

static const struct cause *find_cause(int result)
{
    static const struct cause other = { 0, ERR_IO, NULL };

    for (size_t i = 0; i < ARRAY_LEN(causes); i++)
        if (causes[i].result == result)
            return &causes[i];
    return &other;
}

int db_error(struct store *s, const char *action, struct err **err)
{
    int result = sqlite3_errcode(s->db) & 0xff;
    const struct cause *c = find_cause(result);
    int errnum = sqlite3_system_errno(s->db);
    const char *why = sqlite3_errmsg(s->db);

    /* SQLite keeps the last errno for ever; it belongs to this failure only in these two. */
    if (errnum && (result == SQLITE_IOERR || result == SQLITE_CANTOPEN))
        err_set(err, c->code, "cannot %s '%s': %s: %s", action, s->path, why, strerror(errnum));
    else
        err_set(err, c->code, "cannot %s '%s': %s", action, s->path, why);
    return c->hint ? err_hint(err, "%s", c->hint) : -1;
}

int db_run(struct store *s, const char *sql, const char *action, struct err **err)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL))
        return db_error(s, action, err);
    return 0;
}
