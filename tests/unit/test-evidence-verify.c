/* Evidence that was tampered with: every change has to show. */
#include "fakes/fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "fakes/sqlite_fault.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static int64_t verified(struct fixture *f, int64_t run)
{
    AUTO_ERR e = NULL;
    int64_t n = -1;

    expect_ok(evidence_verify(f->s, f->b, run, &n, &e) == 0, &e);
    return n;
}

static void expect_broken(struct fixture *f, int64_t run, const char *part)
{
    AUTO_ERR e = NULL;
    int64_t n = -1;

    assert_int_equal(evidence_verify(f->s, f->b, run, &n, &e), -1);
    assert_int_equal(n, -1);
    expect_err(ERR_CORRUPT, part, &e);
}

/* One record, whose body is taken. */
static void append(struct fixture *f, int64_t run, const char *kind, json_t *body)
{
    AUTO_JSON *owned = body;
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f->s, &e);

    expect_ok(tx && evidence_append(f->s, run, kind, owned, NULL, &e) == 0, &e);
    expect_ok(tx_commit(&tx, &e) == 0, &e);
}

/* Two runs at the same time, a blob, verdicts: something of everything. */
static void make_store(struct fixture *f)
{
    AUTO_ERR e = NULL;
    int64_t a = fixture_run(f, NULL), b = fixture_run(f, NULL);
    json_t *blob = evidence_blob(f->b, "console", 7, &e);

    expect_ok(blob, &e);
    fixture_record(f, a, "one");
    fixture_record(f, b, "one");
    append(f, a, "log", json_pack("{s:{s:[o]}}", "lane", "files", blob));
    fixture_record(f, a, "\xc3\xa4 \"quoted\" text");
    fixture_verdict(f, a, "pass");
    fixture_verdict(f, b, "fail");
    assert_int_equal(verified(f, 0), 6);
}

static void blobs_are_read_too(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *path = NULL;
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;

    (void)state;
    make_store(&f);
    digest_mem("console", 7, hex);
    path = blob_path(f.b, hex);
    expect_ok(file_write(path, "Console", 7, 0644, &e) == 0, &e);
    expect_broken(&f, 0, "evidence of run 1, record 2: blob '");
    expect_broken(&f, 1, "was altered");
    assert_int_equal(verified(&f, 2), 2);
    assert_int_equal(remove(path), 0);
    assert_int_equal(evidence_verify(f.s, f.b, 0, &(int64_t){ 0 }, &e), -1);
    expect_err(ERR_CORRUPT, "evidence of run 1, record 2: blob '", &e);
}

static void a_strange_blob_name_is_corrupt(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, NULL);

    (void)state;
    append(&f, run, "log", json_pack("{s:s, s:i}", "blob", "../../etc/passwd", "size", 1));
    expect_broken(&f, 0, "is no blob");
}

struct cell {
    struct fixture *f;
    sqlite3 *raw;
    int64_t run, seq;
    const char *column;
};

static sqlite3 *raw_open(struct fixture *f)
{
    AUTO_FREE char *path = path_join(f->dir, "patchlab.db");
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA ignore_check_constraints = ON;"
                                  "PRAGMA synchronous = OFF",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

/* Puts `len` bytes into one cell of one record; the triggers are gone. */
static void set_text(const struct cell *c, const void *bytes, size_t len)
{
    AUTO_FREE char *sql = xasprintf("UPDATE evidence SET %s = ? WHERE run = %d AND seq = %d",
                                    c->column, (int)c->run, (int)c->seq);
    sqlite3_stmt *st;

    assert_int_equal(sqlite3_prepare_v2(c->raw, sql, -1, &st, NULL), SQLITE_OK);
    sqlite3_bind_text(st, 1, bytes, (int)len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(st), SQLITE_DONE);
    sqlite3_finalize(st);
}

static void expect_noticed(const struct cell *c, const char *how)
{
    AUTO_ERR e = NULL;
    int64_t n;

    if (evidence_verify(c->f->s, c->f->b, 0, &n, &e) == 0)
        fail_msg("run %d, record %d, column %s, %s: not noticed", (int)c->run, (int)c->seq,
                 c->column, how);
    assert_int_equal(e->code, ERR_CORRUPT);
}

static char *text_of(const struct cell *c)
{
    AUTO_FREE char *sql = xasprintf("SELECT %s FROM evidence WHERE run = ? AND seq = ?", c->column);
    AUTO_ERR e = NULL;
    AUTO_QUERY q = store_query(c->f->s, sql, ARGS(A_INT(c->run), A_INT(c->seq)), &e);

    assert_int_equal(query_step(q, &e), 1);
    return xstrdup(query_text(q, 0));
}

static void flip_text(const struct cell *c)
{
    static const unsigned char masks[] = { 0x01, 0x20, 0x80, 0xff };
    AUTO_FREE char *good = text_of(c);
    AUTO_FREE char *bad = xasprintf("%s%c%c", good, 'x', 'y');
    size_t len = strlen(good);

    for (size_t i = 0; i < len; i++) {
        bad[i] = (char)(good[i] ^ masks[i % sizeof(masks)]);
        set_text(c, bad, len);
        expect_noticed(c, "one byte flipped");
        bad[i] = '\0';
        set_text(c, bad, len);
        expect_noticed(c, "one byte zeroed");
        bad[i] = good[i];
    }
    set_text(c, bad, len + 1);
    expect_noticed(c, "one byte longer");
    bad[len] = '\0';
    set_text(c, bad, len + 2);
    expect_noticed(c, "bytes behind a NUL");
    set_text(c, bad, len - 1);
    expect_noticed(c, "one byte shorter");
    set_text(c, good, len);
}

/* XOR, which SQLite has not; false when another record is in that place already. */
static bool flip_bit(const struct cell *c, int64_t run, int64_t seq, long long bit)
{
    AUTO_FREE char *sql = xasprintf("UPDATE evidence SET %s = (%s | %lld) - (%s & %lld)"
                                    " WHERE run = %lld AND seq = %lld",
                                    c->column, c->column, bit, c->column, bit, (long long)run,
                                    (long long)seq);

    return sqlite3_exec(c->raw, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* An integer; the key columns move the record to another place. */
static void flip_integer(const struct cell *c)
{
    for (long long bit = 1; bit < INT64_MAX / 2; bit *= 2) {
        int64_t run = c->run ^ (str_eq(c->column, "run") ? bit : 0);
        int64_t seq = c->seq ^ (str_eq(c->column, "seq") ? bit : 0);

        if (!flip_bit(c, c->run, c->seq, bit))
            continue;
        expect_noticed(c, "one bit flipped");
        assert_true(flip_bit(c, run, seq, bit));
    }
}

static void every_flipped_byte_shows(void **state)
{
    static const char *const texts[] = { "kind", "body", "prev", "hash" };
    static const char *const integers[] = { "run", "seq", "at" };
    AUTO_FIXTURE f = fixture_open();
    struct cell c = { .f = &f };

    (void)state;
    make_store(&f);
    fixture_drop_triggers(&f);
    c.raw = raw_open(&f);
    for (c.run = 1; c.run <= 2; c.run++)
        for (c.seq = 1; c.seq <= (c.run == 1 ? 4 : 2); c.seq++) {
            for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                c.column = texts[i];
                flip_text(&c);
            }
            for (size_t i = 0; i < ARRAY_LEN(integers); i++) {
                c.column = integers[i];
                flip_integer(&c);
            }
        }
    sqlite3_close(c.raw);
    assert_int_equal(verified(&f, 0), 6); /* all is as it was */
}

/* Deletes or changes, asks, puts back. */
static void expect_attack_noticed(struct fixture *f, const char *sql, int64_t run, const char *part)
{
    fixture_raw(f, "CREATE TABLE kept AS SELECT * FROM evidence");
    fixture_raw(f, sql);
    expect_broken(f, run, part);
    fixture_raw(f,
                "DELETE FROM evidence; INSERT INTO evidence SELECT * FROM kept; DROP TABLE kept");
    verified(f, 0);
}

static void every_deleted_record_shows(void **state)
{
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    make_store(&f); /* the order: 1.1, 2.1, 1.2, 1.3, 1.4, 2.2 */
    fixture_drop_triggers(&f);
    for (int run = 1; run <= 2; run++)
        for (int seq = 1; seq <= (run == 1 ? 4 : 2); seq++) {
            AUTO_FREE char *sql = xasprintf("DELETE FROM evidence WHERE run = %d AND seq %s %d",
                                            run, "=", seq);
            AUTO_FREE char *tail = xasprintf("DELETE FROM evidence WHERE run = %d AND seq >= %d",
                                             run, seq);

            expect_attack_noticed(&f, sql, 0, "is missing");
            expect_attack_noticed(&f, sql, run, "is missing");
            expect_attack_noticed(&f, tail, 0, "is missing");
            expect_attack_noticed(&f, tail, run, "is missing");
        }
    expect_attack_noticed(&f, "DELETE FROM evidence", 0, "is missing");
}

static void what_was_cut_off_shows_in_other_runs(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t a = fixture_run(&f, NULL), b = fixture_run(&f, NULL);

    (void)state;
    fixture_record(&f, a, "1");
    fixture_record(&f, a, "2");
    fixture_record(&f, b, "1");
    fixture_record(&f, b, "2");
    fixture_drop_triggers(&f);
    expect_attack_noticed(&f, "DELETE FROM evidence WHERE run = 1 AND seq = 2", 0,
                          "run 1, record 2 is missing: run 2, record 1 names it");
    expect_attack_noticed(&f, "DELETE FROM evidence WHERE run = 1 AND seq = 2", a,
                          "run 1, record 2 is missing: run 2, record 1 names it");
    expect_attack_noticed(&f, "DELETE FROM evidence WHERE run = 2 AND seq = 2", 0,
                          "run 2, record 2 is missing: the note of the newest record");
    expect_attack_noticed(&f, "DELETE FROM evidence WHERE run = 2", b, "is missing: the note of");
    fixture_raw(&f, "DELETE FROM evidence_tip");
    expect_broken(&f, 0, "the note of its newest record is missing");
}

/* Who can compute a hash still has to compute all that follow, in other runs too. */
static void a_record_hashed_anew_shows(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t a = fixture_run(&f, NULL), b = fixture_run(&f, NULL);
    AUTO_FREE char *text = NULL, *sql = NULL;
    char hash[DIGEST_HEX_SIZE];

    (void)state;
    fixture_time(5);
    fixture_record(&f, a, "fail");
    fixture_record(&f, b, "x");
    fixture_drop_triggers(&f);
    text = xasprintf("{\"at\":5,\"body\":{\"anchor\":null,\"text\":\"pass\"},\"kind\":\"note\","
                     "\"prev\":\"" ZEROS "\",\"run\":%d,\"seq\":1}",
                     (int)a);
    digest_mem(text, strlen(text), hash);
    sql = xasprintf("UPDATE evidence SET body = '{\"anchor\":null,\"text\":\"pass\"}', hash = '%s'"
                    " WHERE run = %d",
                    hash, (int)a);
    expect_attack_noticed(&f, sql, 0, "run 1, record 1 is not the one that run 2, record 1 names");
    expect_attack_noticed(&f, sql, a, "run 1, record 1 is not the one that run 2, record 1 names");
}

static void the_verdict_must_have_its_record(void **state)
{
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    make_store(&f);
    fixture_raw(&f, "UPDATE run SET verdict_hash = '" ZEROS "' WHERE id = 2");
    expect_broken(&f, 0, "evidence of run 2: no record holds its verdict");
    expect_broken(&f, 2, "evidence of run 2: no record holds its verdict");
    assert_int_equal(verified(&f, 1), 4);
}

/* The gate and people go by the row. */
static void the_row_must_say_what_was_recorded(void **state)
{
    static const char *const attacks[] = {
        "UPDATE run SET verdict = 'pass' WHERE id = 2",
        "UPDATE run SET verdict = NULL WHERE id = 2",
        "UPDATE run SET summary = '{\"verdict\":\"pass\"}' WHERE id = 2",
        "UPDATE run SET summary = '{\"verdict\":\"fail\",\"more\":1}' WHERE id = 2",
        "UPDATE run SET summary = 'no JSON' WHERE id = 2",
        "UPDATE run SET summary = NULL WHERE id = 2",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        AUTO_FIXTURE f = fixture_open();
        make_store(&f);
        fixture_raw(&f, attacks[i]);
        expect_broken(&f, 0, "evidence of run 2: the run says another verdict than its record");
        expect_broken(&f, 2, "evidence of run 2: the run says another verdict than its record");
        assert_int_equal(verified(&f, 1), 4);
    }
}

static void another_record_is_no_verdict(void **state)
{
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    make_store(&f);
    fixture_raw(&f, "UPDATE run SET verdict_hash = (SELECT hash FROM evidence"
                    " WHERE run = 2 AND seq = 1) WHERE id = 2");
    expect_broken(&f, 0, "evidence of run 2: no record holds its verdict");
    fixture_raw(&f, "UPDATE run SET verdict_hash = NULL WHERE id = 2");
    expect_broken(&f, 0, "evidence of run 2: no record holds its verdict");
}

static void verifying_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t n;

    (void)state;
    make_store(&f);
    for (int nth = 1, again = 1; again; nth++) {
        AUTO_ERR e = NULL;
        int rc;

        sqlite_fault_arm(nth);
        rc = evidence_verify(f.s, f.b, 0, &n, &e);
        again = sqlite_fault_disarm();
        assert_int_equal(rc, e ? -1 : 0);
        if (e)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blobs_are_read_too),
        cmocka_unit_test(a_strange_blob_name_is_corrupt),
        cmocka_unit_test(every_flipped_byte_shows),
        cmocka_unit_test(every_deleted_record_shows),
        cmocka_unit_test(what_was_cut_off_shows_in_other_runs),
        cmocka_unit_test(a_record_hashed_anew_shows),
        cmocka_unit_test(the_verdict_must_have_its_record),
        cmocka_unit_test(the_row_must_say_what_was_recorded),
        cmocka_unit_test(another_record_is_no_verdict),
        cmocka_unit_test(verifying_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("evidence-verify", tests, NULL, NULL);
}
