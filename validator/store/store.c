/*
 * The database file: opening it, telling whether it is ours, bringing its schema up to date.
 *
 * Nothing is written before the file is known to be empty or a patchlab database of a schema that
 * we know; a file that is refused stays as it is.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/db.h"
#include "store/migrations.h"

#define BUSY_TIMEOUT_MS 30000
#define APPLICATION_ID 1347174722 /* "PLAB" in the file header, so that `file` can tell */

static int make_file(const char *dir, const char *path, struct err **err)
{
    AUTO_FD fd = -1;

    if (dir_make(dir, 0700, err) < 0)
        return -1;
    /* SQLite would create it by the umask; its -wal and -shm files take the mode of this one. */
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_set_errno(err, errno, "cannot open '%s'", path);
        return err_hint(err, "check owner and permissions, or choose another state directory "
                             "with --state DIR");
    }
    return 0;
}

/* What protects the tables from SQL that we did not write, and the data from a power cut. */
static int configure(struct store *s, struct err **err)
{
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    return db_run(s, "PRAGMA synchronous = FULL", "open", err);
}

static int try_wal(struct store *s, struct err **err)
{
    AUTO_QUERY q = store_query(s, "PRAGMA journal_mode = WAL", NO_ARGS, err);

    if (!q || query_step(q, err) < 0)
        return -1;
    if (!str_eq(query_text(q, 0), "wal")) {
        err_set(err, ERR_IO, "cannot open '%s': its file system has no write-ahead log", s->path);
        return err_hint(err, "put the state directory on a local disk (--state DIR)");
    }
    return 0;
}

/* Two that open a new file at once would wait for each other, so SQLite refuses one at once. */
static int use_wal(struct store *s, struct err **err)
{
    int64_t deadline = clock_deadline(BUSY_TIMEOUT_MS);

    while (try_wal(s, err) < 0) {
        if ((*err)->code != ERR_TIMEOUT || clock_left_ms(deadline) == 0)
            return -1;
        err_clear(err);
        clock_sleep_ms(5);
    }
    return 0;
}

static int refuse_newer(struct store *s, int64_t version, struct err **err)
{
    /* Closing would otherwise fold a log that the newer patchlab left into the file. */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    err_set(err, ERR_CONFLICT, "'%s' was written by a newer patchlab (schema %lld, known up to %d)",
            s->path, (long long)version, migration_count);
    return err_hint(err, "use the newer patchlab, or another state directory with --state DIR");
}

/* An empty file, or ours, or an error.  One look: another may be making the first tables. */
static int check_owner(struct store *s, struct err **err)
{
    int64_t ours;

    if (store_int(s,
                  "SELECT application_id = ?1 OR (application_id = 0 AND NOT EXISTS"
                  " (SELECT 1 FROM sqlite_schema)) FROM pragma_application_id",
                  ARGS(A_INT(APPLICATION_ID)), 0, &ours, err)
        < 0)
        return -1;
    if (ours)
        return 0;
    err_set(err, ERR_INVALID, "'%s' is a database of another program", s->path);
    return err_hint(err, "move it away, or choose another state directory with --state DIR");
}

static int schema_version(struct store *s, int64_t *ret, struct err **err)
{
    if (store_int(s, "PRAGMA user_version", NO_ARGS, 0, ret, err) < 0)
        return -1;
    if (*ret < 0 || *ret > migration_count)
        return refuse_newer(s, *ret, err);
    return 0;
}

/* One step in one transaction; the version is read again in it: another may have been faster. */
static int migrate_step(struct store *s, struct err **err)
{
    AUTO_FREE char *mark = NULL;
    AUTO_TX tx = tx_begin(s, err);
    int64_t version;

    if (!tx || schema_version(s, &version, err) < 0)
        return -1;
    if (version == migration_count)
        return tx_commit(&tx, err);
    log_debug(LOG_STORE, "schema step %lld of '%s'", (long long)version + 1, s->path);
    mark = xasprintf("PRAGMA application_id = %d; PRAGMA user_version = %lld", APPLICATION_ID,
                     (long long)version + 1);
    if (db_run(s, migrations[version], "upgrade", err) < 0 || db_run(s, mark, "upgrade", err) < 0)
        return -1;
    return tx_commit(&tx, err);
}

static int migrate(struct store *s, struct err **err)
{
    int64_t version;

    do {
        if (schema_version(s, &version, err) < 0)
            return -1;
        if (version < migration_count && migrate_step(s, err) < 0)
            return -1;
    } while (version < migration_count);
    return 0;
}

/* Last, as a change of the schema would make SQLite prepare it again at a bad time. */
static int prepare_rollback(struct store *s, struct err **err)
{
    if (sqlite3_prepare_v2(s->db, "ROLLBACK", -1, &s->rollback, NULL))
        return db_error(s, "open", err);
    return 0;
}

struct store *store_open(const char *dir, struct err **err)
{
    AUTO_STORE s = xcalloc(1, sizeof(*s));
    int64_t version;

    s->path = path_join(dir, "patchlab.db");
    if (make_file(dir, s->path, err) < 0)
        return NULL;
    if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
        db_error(s, "open", err);
        return NULL;
    }
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    if (configure(s, err) < 0 || schema_version(s, &version, err) < 0 || check_owner(s, err) < 0
        || use_wal(s, err) < 0 || migrate(s, err) < 0 || prepare_rollback(s, err) < 0)
        return NULL;
    return TAKE(s);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    sqlite3_finalize(s->rollback);
    sqlite3_close_v2(s->db);
    free(s->path);
    free(s);
}
