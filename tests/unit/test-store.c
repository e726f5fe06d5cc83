#include "fakes/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "fakes/sqlite_fault.h"
#include "store/migrations.h"

static void expect_mode(const char *path, mode_t mode)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, mode);
}

static char *db_path(const struct fixture *f, const char *suffix)
{
    return xasprintf("%s/patchlab.db%s", f->dir, suffix);
}

/* The digest of a file, "" when there is none. */
static void digest_of(const char *path, char ret[DIGEST_HEX_SIZE])
{
    AUTO_ERR e = NULL;
    int64_t size;

    if (digest_file(path, ret, &size, &e) < 0)
        ret[0] = '\0';
}

static void makes_a_private_database(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *path = db_path(&f, ""), *wal = db_path(&f, "-wal");

    (void)state;
    expect_mode(path, 0600);
    expect_mode(wal, 0600);
    assert_int_equal(fixture_count(&f, "PRAGMA user_version"), migration_count);
    assert_int_equal(fixture_count(&f, "PRAGMA foreign_keys"), 1);
    assert_int_equal(fixture_count(&f, "PRAGMA synchronous"), 2);
}

static void makes_the_directory(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *dir = path_join(f.dir, "some/where");
    AUTO_ERR e = NULL;
    AUTO_STORE s = store_open(dir, &e);

    (void)state;
    expect_ok(s, &e);
    expect_mode(dir, 0700);
}

static void keeps_what_was_written(void **state)
{
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    fixture_patch(&f, "openssl");
    fixture_reopen(&f);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM patch WHERE name = 'openssl'"), 1);
}

static void expect_refused(struct fixture *f, enum err_code code, const char *part,
                           const char *hint_part)
{
    AUTO_FREE char *path = db_path(f, ""), *wal = db_path(f, "-wal");
    char before[2][DIGEST_HEX_SIZE], after[2][DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;
    AUTO_STORE s = NULL;

    digest_of(path, before[0]);
    digest_of(wal, before[1]);
    s = store_open(f->dir, &e);
    assert_null(s);
    assert_non_null(e);
    assert_non_null(e->hint);
    assert_non_null(strstr(e->hint, hint_part));
    expect_err(code, part, &e);
    digest_of(path, after[0]);
    digest_of(wal, after[1]);
    assert_string_equal(after[0], before[0]);
    if (before[1][0]) /* an empty log may be made, one that is there must stay */
        assert_string_equal(after[1], before[1]);
}

static void refuses_a_newer_schema(void **state)
{
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    fixture_shut(&f);
    fixture_raw(&f, "PRAGMA user_version = 99");
    expect_refused(&f, ERR_CONFLICT, "newer patchlab (schema 99", "use the newer patchlab");
    fixture_raw(&f, "PRAGMA user_version = -1");
    expect_refused(&f, ERR_CONFLICT, "newer patchlab (schema -1", "--state DIR");
}

/* Copies the files of an open database, as a crash would have left them. */
static void copy_crashed(const struct fixture *from, const struct fixture *to)
{
    static const char *const suffixes[] = { "", "-wal" };
    AUTO_ERR e = NULL;

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        AUTO_FREE char *source = db_path(from, suffixes[i]), *copy = db_path(to, suffixes[i]);

        remove(copy);
        expect_ok(file_copy(source, copy, 0600, &e) == 0, &e);
    }
}

static void leaves_the_log_of_a_newer_one(void **state)
{
    AUTO_FIXTURE f = fixture_open(), crashed = fixture_open();

    (void)state;
    fixture_shut(&crashed);
    assert_int_equal(fixture_count(&f, "PRAGMA user_version = 99"), 0);
    copy_crashed(&f, &crashed);
    expect_refused(&crashed, ERR_CONFLICT, "newer patchlab (schema 99", "newer");
}

static void refuses_what_is_not_ours(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *path = db_path(&f, "");
    AUTO_ERR e = NULL;

    (void)state;
    fixture_shut(&f);
    fixture_raw(&f, "PRAGMA application_id = 0");
    expect_refused(&f, ERR_INVALID, "is a database of another program", "move it away");
    fixture_raw(&f, "PRAGMA application_id = 77; PRAGMA user_version = 0");
    expect_refused(&f, ERR_INVALID, "is a database of another program", "move it away");
    expect_ok(file_write(path, "hello, I am a text file, not a database\n", 40, 0600, &e) == 0, &e);
    expect_refused(&f, ERR_CORRUPT, "file is not a database", "move the file away");
    expect_ok(file_write(path, "", 0, 0600, &e) == 0, &e);
    fixture_reopen(&f); /* an empty file is a new database */
}

static void tells_what_it_cannot_open(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *path = db_path(&f, ""), *under_file = path_join(f.dir, "file/state");
    AUTO_FREE char *file = path_join(f.dir, "file");
    AUTO_ERR e = NULL;

    (void)state;
    fixture_shut(&f);
    expect_ok(file_write(file, "", 0, 0600, &e) == 0, &e);
    assert_null(store_open(under_file, &e));
    expect_err(ERR_IO, "cannot create directory", &e);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_null(store_open(f.dir, &e));
    assert_non_null(e->hint);
    expect_err(ERR_IO, "patchlab.db': Is a directory", &e);
}

static int open_it(void *arg)
{
    AUTO_ERR e = NULL;
    AUTO_STORE s = store_open(arg, &e);

    if (!s)
        fprintf(stderr, "%s\n", e->msg);
    return s ? 0 : 1;
}

static void many_may_open_a_new_one(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        AUTO_FIXTURE f = fixture_open();
        AUTO_FREE char *dir = path_join(f.dir, "new");
        int64_t pids[6];

        fixture_shut(&f);
        for (size_t i = 0; i < ARRAY_LEN(pids); i++)
            pids[i] = fixture_fork(open_it, dir);
        for (size_t i = 0; i < ARRAY_LEN(pids); i++)
            assert_true(fixture_wait(pids[i]));
        assert_int_equal(open_it(dir), 0);
    }
}

static void scratch(struct fixture *f)
{
    AUTO_ERR e = NULL;

    expect_ok(store_exec(f->s,
                         "CREATE TABLE scratch (id INTEGER PRIMARY KEY, t TEXT, n INTEGER)"
                         " STRICT",
                         NO_ARGS, &e)
                  == 0,
              &e);
}

static void binds_and_counts(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;
    int64_t n;

    (void)state;
    scratch(&f);
    assert_int_equal(store_exec(f.s, "INSERT INTO scratch (t, n) VALUES (?, ?)",
                                ARGS(A_TEXT("it's \xc3\xa4"), A_INT(INT64_MIN)), &e),
                     1);
    assert_int_equal(store_exec(f.s, "INSERT INTO scratch (t, n) VALUES (?, ?), (?, ?)",
                                ARGS(A_TEXT(NULL), A_NULL, A_TEXT(""), A_INT(INT64_MAX)), &e),
                     2);
    assert_int_equal(store_last_id(f.s), 3);
    assert_int_equal(store_exec(f.s, "UPDATE scratch SET t = 'x' WHERE id > 9", NO_ARGS, &e), 0);
    assert_int_equal(store_exec(f.s, "DELETE FROM scratch WHERE id = 3", NO_ARGS, &e), 1);
    assert_int_equal(store_exec(f.s, "CREATE TABLE another (x)", NO_ARGS, &e), 0);
    expect_ok(store_int(f.s, "SELECT n FROM scratch WHERE id = ?", ARGS(A_INT(1)), 7, &n, &e) == 0,
              &e);
    assert_true(n == INT64_MIN);
    expect_ok(store_int(f.s, "SELECT n FROM scratch WHERE id = 2", NO_ARGS, 7, &n, &e) == 0, &e);
    assert_int_equal(n, 7);
    expect_ok(store_int(f.s, "SELECT n FROM scratch WHERE id = 3", NO_ARGS, 7, &n, &e) == 0, &e);
    assert_int_equal(n, 7);
}

static void steps_through_rows(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;
    AUTO_QUERY q = NULL;

    (void)state;
    scratch(&f);
    assert_int_equal(
        store_exec(f.s, "INSERT INTO scratch (t) VALUES ('a'), (NULL), ('c')", NO_ARGS, &e), 3);
    q = store_query(f.s, "SELECT t, id FROM scratch WHERE id >= ? ORDER BY id", ARGS(A_INT(2)), &e);
    expect_ok(q, &e);
    assert_int_equal(query_step(q, &e), 1);
    assert_true(query_is_null(q, 0));
    assert_null(query_text(q, 0));
    assert_int_equal(query_int(q, 1), 2);
    assert_int_equal(query_step(q, &e), 1);
    assert_false(query_is_null(q, 0));
    assert_string_equal(query_text(q, 0), "c");
    assert_int_equal(query_step(q, &e), 0);
    assert_int_equal(query_step(q, &e), 0); /* the end stays the end */
    assert_int_equal(query_again(q, ARGS(A_INT(3)), &e), 0);
    assert_int_equal(query_step(q, &e), 1);
    assert_int_equal(query_int(q, 1), 3);
    expect_ok(true, &e);
}

static void sees_bytes_behind_a_nul(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;
    int64_t n;

    (void)state;
    scratch(&f);
    assert_int_equal(
        store_exec(f.s, "INSERT INTO scratch (t) VALUES (CAST(x'610062' AS TEXT))", NO_ARGS, &e),
        1);
    assert_int_equal(store_int(f.s, "SELECT t FROM scratch", NO_ARGS, 0, &n, &e), -1);
    expect_err(ERR_CORRUPT, "column 't' holds a NUL byte", &e);
}

static void carries_the_words_of_sqlite(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, "web-01", NULL);
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(store_query(f.s, "SELEC 1", NO_ARGS, &e));
    expect_err(ERR_IO, "near \"SELEC\": syntax error", &e);
    assert_int_equal(
        store_exec(f.s, "UPDATE run SET verdict = 'good' WHERE id = ?", ARGS(A_INT(run)), &e), -1);
    expect_err(ERR_CONFLICT, "CHECK constraint failed", &e);
    assert_int_equal(store_exec(f.s,
                                "INSERT INTO run (image, patch, spec, state, created)"
                                " VALUES (99, 99, '{}', 'x', 0)",
                                NO_ARGS, &e),
                     -1);
    expect_err(ERR_CONFLICT, "FOREIGN KEY constraint failed", &e);
    assert_int_equal(store_exec(f.s, "UPDATE run SET created = 'soon'", NO_ARGS, &e), -1);
    expect_err(ERR_CONFLICT, "cannot store TEXT value in INTEGER column", &e);
}

static void records_are_append_only(void **state)
{
    static const char *const attacks[] = {
        "UPDATE evidence SET kind = 'x'",
        "DELETE FROM evidence",
        "INSERT OR REPLACE INTO evidence SELECT run, seq, at, 'x', body, prev, hash FROM evidence",
        "INSERT INTO evidence SELECT run, 9, at, 'x', body, prev, hash FROM evidence",
        "UPDATE signoff SET person = 'x'",
        "DELETE FROM signoff",
        "REPLACE INTO signoff SELECT id, run, role, 'x', decision, remark, covers, at FROM signoff",
    };
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, "web-01", NULL);
    AUTO_ERR e = NULL;

    (void)state;
    fixture_record(&f, run, "hello");
    assert_int_equal(store_exec(f.s,
                                "INSERT INTO signoff (run, role, person, decision, covers, at)"
                                " VALUES (?, 'owner', 'ann', 'approve', '{}', 0)",
                                ARGS(A_INT(run)), &e),
                     1);
    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        assert_int_equal(store_exec(f.s, attacks[i], NO_ARGS, &e), -1);
        expect_err(ERR_CONFLICT, "append-only", &e);
    }
}

static int leave_early(struct store *s, bool commit, struct err **err)
{
    AUTO_TX tx = tx_begin(s, err);

    assert_non_null(tx);
    assert_true(store_in_tx(s));
    assert_int_equal(store_exec(s, "INSERT INTO scratch (t) VALUES ('x')", NO_ARGS, err), 1);
    return commit ? tx_commit(&tx, err) : 0;
}

static void a_scope_left_early_rolls_back(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    scratch(&f);
    assert_int_equal(leave_early(f.s, false, &e), 0);
    assert_false(store_in_tx(f.s));
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM scratch"), 0);
    expect_ok(leave_early(f.s, true, &e) == 0, &e);
    assert_false(store_in_tx(f.s));
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM scratch"), 1);
}

static void a_locked_database_is_a_timeout(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;
    AUTO_STORE other = store_open(f.dir, &e);
    AUTO_TX tx = tx_begin(f.s, &e);
    int64_t n;

    (void)state;
    expect_ok(other && tx, &e);
    expect_ok(store_int(other, "PRAGMA busy_timeout = 20", NO_ARGS, 0, &n, &e) == 0, &e);
    assert_null(tx_begin(other, &e));
    assert_non_null(e->hint);
    expect_err(ERR_TIMEOUT, "database is locked", &e);
}

static int fill(struct store *s, struct err **err)
{
    AUTO_FREE char *kilobyte = xcalloc(1, 1001);
    AUTO_TX tx = tx_begin(s, err);

    memset(kilobyte, 'x', 1000);
    for (int i = 0; tx && i < 1000; i++)
        if (store_exec(s, "INSERT INTO scratch (t) VALUES (?)", ARGS(A_TEXT(kilobyte)), err) < 0)
            return -1;
    return tx ? tx_commit(&tx, err) : -1;
}

static void a_full_disk_is_no_room(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *limit = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    scratch(&f);
    limit = xasprintf("PRAGMA max_page_count = %d",
                      (int)fixture_count(&f, "PRAGMA page_count") + 20);
    assert_int_not_equal(fixture_count(&f, limit), 0);
    assert_int_equal(fill(f.s, &e), -1);
    assert_non_null(e->hint);
    expect_err(ERR_NO_ROOM, "database or disk is full", &e);
    assert_false(store_in_tx(f.s));
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM scratch"), 0);
    assert_int_equal(store_exec(f.s, "INSERT INTO scratch (t) VALUES ('small')", NO_ARGS, &e), 1);
}

static void a_damaged_file_is_corrupt(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *path = db_path(&f, "");
    AUTO_FREE char *data = NULL;
    AUTO_ERR e = NULL;
    size_t len;
    int64_t n;

    (void)state;
    scratch(&f);
    expect_ok(fill(f.s, &e) == 0, &e);
    fixture_shut(&f);
    data = file_read(path, 1 << 24, &len, &e);
    expect_ok(data, &e);
    memset(data + len / 2, 0xa5, len / 2);
    expect_ok(file_write(path, data, len, 0600, &e) == 0, &e);
    fixture_reopen(&f);
    assert_int_equal(store_int(f.s, "SELECT sum(length(t)) FROM scratch", NO_ARGS, 0, &n, &e), -1);
    expect_err(ERR_CORRUPT, "database disk image is malformed", &e);
}

/* Each allocation of SQLite fails in turn while a new store is opened. */
static void opening_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    bool hit = true;

    (void)state;
    for (int n = 1; hit; n++) {
        AUTO_FREE char *dir = xasprintf("%s/%d", f.dir, n);
        AUTO_ERR e = NULL;
        AUTO_STORE s = NULL;

        sqlite_fault_arm(n);
        s = store_open(dir, &e);
        hit = sqlite_fault_disarm();
        assert_int_equal(!s, !!e);
        if (e)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
        store_close(TAKE(s));
        s = store_open(dir, &e); /* whatever was left behind, it can be opened now */
        expect_ok(s, &e);
        n += n / 16; /* the schema alone takes thousands of allocations */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_private_database),
        cmocka_unit_test(makes_the_directory),
        cmocka_unit_test(keeps_what_was_written),
        cmocka_unit_test(refuses_a_newer_schema),
        cmocka_unit_test(leaves_the_log_of_a_newer_one),
        cmocka_unit_test(refuses_what_is_not_ours),
        cmocka_unit_test(tells_what_it_cannot_open),
        cmocka_unit_test(many_may_open_a_new_one),
        cmocka_unit_test(binds_and_counts),
        cmocka_unit_test(steps_through_rows),
        cmocka_unit_test(sees_bytes_behind_a_nul),
        cmocka_unit_test(carries_the_words_of_sqlite),
        cmocka_unit_test(records_are_append_only),
        cmocka_unit_test(a_scope_left_early_rolls_back),
        cmocka_unit_test(a_locked_database_is_a_timeout),
        cmocka_unit_test(a_full_disk_is_no_room),
        cmocka_unit_test(a_damaged_file_is_corrupt),
        cmocka_unit_test(opening_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
