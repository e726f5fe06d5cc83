/* Evidence as it is written and read; what verify finds is in test-evidence-verify.c. */
#include "fakes/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
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

/* One record, whose body is taken. */
static void append(struct fixture *f, int64_t run, const char *kind, json_t *body)
{
    AUTO_JSON *owned = body;
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f->s, &e);

    expect_ok(tx && evidence_append(f->s, run, kind, owned, NULL, &e) == 0, &e);
    expect_ok(tx_commit(&tx, &e) == 0, &e);
}

/* The rule of evidence.h in the words of jansson, apart from how the product does it. */
static int check_formula(void *arg, const struct evidence *ev, struct err **err)
{
    AUTO_JSON *record = json_pack("{s:I, s:I, s:I, s:s, s:s, s:O}", "run", (json_int_t)ev->run,
                                  "seq", (json_int_t)ev->seq, "at", (json_int_t)ev->at, "kind",
                                  ev->kind, "prev", ev->prev, "body", ev->body);
    AUTO_FREE char *text = json_dumps(record, JSON_SORT_KEYS | JSON_COMPACT);
    char *last = arg, hash[DIGEST_HEX_SIZE];

    (void)err;
    digest_mem(text, strlen(text), hash);
    assert_string_equal(ev->hash, hash);
    assert_string_equal(ev->prev, last);
    memcpy(last, hash, sizeof(hash));
    return 0;
}

static void records_form_a_chain(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, NULL);
    char last[DIGEST_HEX_SIZE] = ZEROS, head[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(evidence_head(f.s, run, head, &e) == 0, &e);
    assert_string_equal(head, ZEROS);
    fixture_time(1234567890123);
    append(&f, run, "run.begin", json_pack("{s:i, s:b, s:n}", "z", 1, "a", 1, "m"));
    append(&f, run, "odd \"kind\" \xc3\xa4\n",
           json_pack("{s:s}", "text", "q\"\\\x01 \xe2\x82\xac"));
    append(&f, run, "check", json_pack("{s:{s:[f]}}", "deep", "list", 0.1));
    expect_ok(evidence_each(f.s, run, 0, check_formula, last, &e) == 0, &e);
    expect_ok(evidence_head(f.s, run, head, &e) == 0, &e);
    assert_string_equal(head, last);
    assert_int_equal(fixture_count(&f, "SELECT min(at) FROM evidence"), 1234567890123);
    assert_int_equal(fixture_count(&f, "SELECT min(seq) FROM evidence"), 1);
    assert_int_equal(verified(&f, run), 3);
    assert_int_equal(verified(&f, 0), 3);
}

static void append_tells_the_hash(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, NULL);
    char hash[DIGEST_HEX_SIZE], head[DIGEST_HEX_SIZE];
    AUTO_JSON *body = json_pack("{s:i}", "n", 1);
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f.s, &e);

    (void)state;
    expect_ok(tx && evidence_append(f.s, run, "x", body, hash, &e) == 0, &e);
    expect_ok(evidence_head(f.s, run, head, &e) == 0, &e);
    assert_string_equal(hash, head);
    assert_int_equal(json_object_size(body), 1); /* the caller's body has got no anchor */
    assert_int_equal(evidence_append(f.s, run + 1, "x", body, NULL, &e), -1);
    expect_err(ERR_CONFLICT, "cannot record 'x' in the evidence of run", &e);
}

static int count_to(void *arg, const struct evidence *ev, struct err **err)
{
    int *left = arg;

    (void)ev;
    return --*left == 0 ? err_set(err, ERR_CANCELLED, "enough") : 0;
}

static void each_begins_and_stops_as_told(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, NULL);
    AUTO_ERR e = NULL;
    int left = 100;

    (void)state;
    for (int i = 0; i < 5; i++)
        fixture_record(&f, run, "x");
    expect_ok(evidence_each(f.s, run, 2, count_to, &left, &e) == 0, &e);
    assert_int_equal(left, 97);
    left = 2;
    assert_int_equal(evidence_each(f.s, run, 0, count_to, &left, &e), -1);
    assert_int_equal(left, 0);
    expect_err(ERR_CANCELLED, "enough", &e);
}

static void each_tells_of_a_body_that_is_no_json(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, NULL);
    AUTO_ERR e = NULL;
    int left = 100;

    (void)state;
    fixture_record(&f, run, "x");
    fixture_drop_triggers(&f);
    fixture_raw(&f, "UPDATE evidence SET body = '{'");
    assert_int_equal(evidence_each(f.s, run, 0, count_to, &left, &e), -1);
    expect_err(ERR_CORRUPT, "evidence of run 1, record 1", &e);
}

static int64_t anchors(struct fixture *f, const char *where)
{
    AUTO_FREE char *sql = xasprintf("SELECT count(*) FROM evidence WHERE %s", where);

    return fixture_count(f, sql);
}

static void runs_that_alternate_are_tied_together(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t a = fixture_run(&f, NULL), b = fixture_run(&f, NULL);

    (void)state;
    fixture_record(&f, a, "1");
    fixture_record(&f, a, "2");
    fixture_record(&f, b, "1");
    fixture_record(&f, a, "3");
    fixture_record(&f, b, "2");
    fixture_record(&f, b, "3");
    assert_int_equal(anchors(&f, "body LIKE '{\"anchor\":null,%'"), 1);
    assert_int_equal(anchors(&f, "run = 1 AND json_extract(body, '$.anchor.run') = 2"), 1);
    assert_int_equal(anchors(&f, "run = 2 AND json_extract(body, '$.anchor.run') = 1"), 2);
    assert_int_equal(anchors(&f, "body LIKE '%anchor%'"), 4);
    assert_int_equal(verified(&f, 0), 6);
    assert_int_equal(verified(&f, a), 3);
    assert_int_equal(verified(&f, b), 3);
}

static void no_evidence_is_no_error(void **state)
{
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    assert_int_equal(verified(&f, 0), 0);
    assert_int_equal(verified(&f, fixture_run(&f, NULL)), 0);
}

struct writer {
    const char *dir;
    int64_t run;
};

static int append_many(void *arg)
{
    const struct writer *w = arg;
    AUTO_ERR e = NULL;
    AUTO_STORE s = store_open(w->dir, &e);

    for (int i = 0; s && i < 60; i++) {
        AUTO_JSON *body = json_pack("{s:i}", "i", i);
        AUTO_TX tx = tx_begin(s, &e);

        if (!tx || evidence_append(s, w->run, "note", body, NULL, &e) < 0 || tx_commit(&tx, &e) < 0)
            return 1;
    }
    return s ? 0 : 2;
}

static void processes_may_append_at_once(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t a = fixture_run(&f, NULL), b = fixture_run(&f, NULL);
    struct writer writers[] = { { f.dir, a }, { f.dir, b }, { f.dir, b } };
    int64_t pids[ARRAY_LEN(writers)];

    (void)state;
    fixture_shut(&f);
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        pids[i] = fixture_fork(append_many, &writers[i]);
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        assert_true(fixture_wait(pids[i]));
    fixture_reopen(&f);
    assert_int_equal(verified(&f, 0), 180);
    assert_int_equal(verified(&f, b), 120);
}

static int append_once(struct fixture *f, int64_t run, struct err **err)
{
    AUTO_JSON *body = json_pack("{s:i}", "n", 1);
    AUTO_TX tx = tx_begin(f->s, err);

    if (!tx || evidence_append(f->s, run, "note", body, NULL, err) < 0)
        return -1;
    return tx_commit(&tx, err);
}

/* Each allocation of SQLite fails in turn: a record is there whole or not at all. */
static void appending_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t a = fixture_run(&f, NULL), b = fixture_run(&f, NULL), want = 1;
    bool hit = true;

    (void)state;
    fixture_record(&f, b, "x");
    for (int nth = 1; hit; nth++) {
        AUTO_ERR e = NULL;
        int rc;

        sqlite_fault_arm(nth);
        rc = append_once(&f, nth % 2 ? a : b, &e);
        hit = sqlite_fault_disarm();
        assert_int_equal(rc, e ? -1 : 0);
        if (e)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
        want += rc == 0;
        assert_int_equal(verified(&f, 0), want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_form_a_chain),
        cmocka_unit_test(append_tells_the_hash),
        cmocka_unit_test(each_begins_and_stops_as_told),
        cmocka_unit_test(each_tells_of_a_body_that_is_no_json),
        cmocka_unit_test(runs_that_alternate_are_tied_together),
        cmocka_unit_test(no_evidence_is_no_error),
        cmocka_unit_test(processes_may_append_at_once),
        cmocka_unit_test(appending_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
