/* Leases of queue entries: who gets what, for how long, and whose answer counts. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/queue.h"
#include "core/signoff.h"
#include "fakes/rollout.h"
#include "fakes/sqlite_fault.h"

static void is_leased_in_order(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *first = NULL, *second = NULL, *third = NULL;
    const json_t *l;

    (void)state;
    rollout_run(&f);
    rollout_run(&f);
    fixture_time(1000);
    first = rollout_lease(&f, "tool-a@ops", NULL);
    second = rollout_lease(&f, "tool-b", "web-01");
    third = rollout_lease(&f, "tool-c", NULL);
    l = json_object_get(first, "lease");
    assert_int_equal(id_of(first), 1);
    assert_string_equal(json_str_at(first, "state"), "leased");
    assert_int_equal(json_int_at(first, "attempts"), 1);
    assert_string_equal(json_str_at(l, "holder"), "tool-a@ops");
    assert_int_equal(json_int_at(l, "until"), 1000 + MINUTE);
    assert_int_equal(strlen(json_str_at(l, "token")), 32);
    assert_int_equal(id_of(second), 3);
    assert_int_equal(id_of(third), 2);
    assert_string_not_equal(token_of(first), token_of(second));
    expect_nothing_ready(&f, "web-01");
    expect_nothing_ready(&f, "no-such");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM evidence WHERE kind = 'queue.leased'"
                                       " AND json_extract(body, '$.holder') = 'tool-b'"
                                       " AND json_extract(body, '$.entry') = 3"),
                     1);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM evidence, queue"
                                       " WHERE instr(body, token) > 0"),
                     0);
    expect_verified(&f);
}

static void an_empty_queue_has_nothing(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *l = rollout_list(&f, NULL, 0);

    (void)state;
    assert_int_equal(json_array_size(l), 0);
    expect_nothing_ready(&f, NULL);
    expect_nothing_ready(&f, "web-01");
}

static void checks_who_asks_and_for_how_long(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    rollout_run(&f);
    assert_null(queue_lease(f.s, "", NULL, MINUTE, &e));
    expect_err(ERR_INVALID, "'' is no name for the holder", &e);
    assert_null(queue_lease(f.s, "x\033", NULL, MINUTE, &e));
    expect_err(ERR_INVALID, "'x\\x1b' is no name for the holder", &e);
    assert_null(queue_lease(f.s, "tool", NULL, 0, &e));
    expect_err(ERR_INVALID, "a lease of 0 ms", &e);
    assert_null(queue_lease(f.s, "tool", NULL, -5, &e));
    expect_err(ERR_INVALID, "a lease of -5 ms", &e);
    assert_null(queue_lease(f.s, "tool", NULL, INT64_MAX, &e));
    expect_err(ERR_INVALID, "1 ms to a year expected", &e);
    expect_states(&f, "ready ready");
}

static void an_answer_ends_the_lease(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *first = NULL, *second = NULL, *l = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    rollout_run(&f);
    first = rollout_lease(&f, "tool", NULL);
    second = rollout_lease(&f, "tool", NULL);
    rollout_ack(&f, first, "took 3 s \xff");
    expect_ok(queue_fail(f.s, id_of(second), token_of(second), "dpkg: exit 1\033", &e) == 0, &e);
    expect_states(&f, "done failed");
    l = rollout_list(&f, NULL, 0);
    assert_string_equal(json_str_at(json_array_get(l, 0), "result"), "took 3 s \xef\xbf\xbd");
    assert_string_equal(json_str_at(json_array_get(l, 1), "result"), "dpkg: exit 1\033");
    assert_true(json_is_null(json_object_get(json_array_get(l, 0), "lease")));
    assert_int_equal(count_records(&f, "queue.done"), 1);
    assert_int_equal(count_records(&f, "queue.failed"), 1);
    expect_nothing_ready(&f, NULL);
    expect_verified(&f);
}

static void the_same_answer_again_is_fine(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *first = NULL, *second = NULL;
    AUTO_ERR e = NULL;
    int64_t before;

    (void)state;
    rollout_run(&f);
    first = rollout_lease(&f, "tool", NULL);
    second = rollout_lease(&f, "tool", NULL);
    rollout_ack(&f, first, "first time");
    expect_ok(queue_fail(f.s, id_of(second), token_of(second), "no", &e) == 0, &e);
    before = fixture_count(&f, "SELECT count(*) FROM evidence");
    rollout_ack(&f, first, "second time");
    expect_ok(queue_fail(f.s, id_of(second), token_of(second), "no", &e) == 0, &e);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM evidence"), before);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM queue WHERE result = 'first time'"),
                     1);
    expect_ack_refused(&f, second, "queue entry 2 was answered already: failed");
    assert_int_equal(queue_fail(f.s, id_of(first), token_of(first), "no", &e), -1);
    expect_err(ERR_CONFLICT, "queue entry 1 was answered already: done", &e);
}

static void only_the_holder_may_answer(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *long_text = xcalloc(1, REMARK_MAX + 2);
    AUTO_JSON *entry = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    memset(long_text, 'x', REMARK_MAX + 1);
    rollout_run(&f);
    assert_int_equal(queue_ack(f.s, 1, "", NULL, &e), -1);
    expect_err(ERR_CONFLICT, "queue entry 1 is not leased with this token", &e);
    entry = rollout_lease(&f, "tool", NULL);
    assert_int_equal(queue_ack(f.s, 1, "guessed", NULL, &e), -1);
    expect_err(ERR_CONFLICT, "queue entry 1 is not leased with this token", &e);
    assert_int_equal(queue_ack(f.s, 99, token_of(entry), NULL, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no queue entry 99", &e);
    assert_int_equal(queue_fail(f.s, 1, token_of(entry), " ", &e), -1);
    expect_err(ERR_INVALID, "a failed rollout needs a reason", &e);
    assert_int_equal(queue_fail(f.s, 1, token_of(entry), NULL, &e), -1);
    expect_err(ERR_INVALID, "a failed rollout needs a reason", &e);
    assert_int_equal(queue_ack(f.s, 1, token_of(entry), long_text, &e), -1);
    expect_err(ERR_INVALID, "the remark is longer than 4096 bytes", &e);
    expect_states(&f, "leased ready");
}

static void a_lease_that_is_over_is_ready_again(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *a = NULL, *b = NULL, *c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    rollout_run(&f);
    fixture_time(1000);
    a = rollout_lease(&f, "tool-a", NULL);
    b = rollout_lease(&f, "tool-a", NULL);
    expect_nothing_ready(&f, NULL);
    fixture_time(1000 + MINUTE - 1);
    expect_states(&f, "leased leased");
    expect_nothing_ready(&f, NULL);
    fixture_time(1000 + MINUTE);
    expect_states(&f, "ready ready");
    c = rollout_lease(&f, "tool-b", NULL);
    assert_int_equal(id_of(c), id_of(a));
    assert_int_equal(json_int_at(c, "attempts"), 2);
    assert_string_not_equal(token_of(c), token_of(a));
    assert_int_equal(queue_ack(f.s, id_of(a), token_of(a), NULL, &e), -1);
    assert_string_equal(e->hint, "the lease was over and the entry went to 'tool-b'");
    expect_err(ERR_CONFLICT, "queue entry 1 is not leased with this token", &e);
    assert_int_equal(queue_fail(f.s, id_of(a), token_of(a), "no", &e), -1);
    expect_err(ERR_CONFLICT, "queue entry 1 is not leased with this token", &e);
    rollout_ack(&f, c, NULL);
    expect_ack_refused(&f, a, "not leased with this token");
    rollout_ack(&f, b, NULL); /* late, but nobody else has got it: it is done */
    expect_states(&f, "done done");
    expect_verified(&f);
}

static void a_lapsed_lease_comes_before_later_entries(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *a = NULL, *b = NULL, *c = NULL;

    (void)state;
    rollout_run(&f);
    fixture_time(0);
    a = rollout_lease(&f, "tool", NULL);
    fixture_time(MINUTE);
    b = rollout_lease(&f, "tool", "web-01");
    assert_int_equal(id_of(b), id_of(a));
    fixture_time(2 * MINUTE);
    c = rollout_lease(&f, "tool", NULL);
    assert_int_equal(id_of(c), id_of(a));
    assert_int_equal(json_int_at(c, "attempts"), 3);
}

#define ENTRIES 200

struct racer {
    const char *dir, *out;
};

/* Leases until nothing is ready, and writes down the ids that it got. */
static int race(void *arg)
{
    const struct racer *r = arg;
    AUTO_ERR e = NULL;
    AUTO_STORE s = store_open(r->dir, &e);
    AUTO_STR ids = STR_INIT(1 << 16);

    while (s) {
        AUTO_JSON *entry = queue_lease(s, "tool", NULL, 10 * MINUTE, &e);

        if (!entry)
            break;
        str_addf(&ids, "%d\n", (int)id_of(entry));
    }
    if (!s || e->code != ERR_NOT_FOUND)
        return 1;
    err_clear(&e);
    return file_write(r->out, ids.ptr, ids.len, 0600, &e) < 0;
}

static void note_ids(const char *path, int *seen)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *text = file_read(path, 1 << 16, NULL, &e);

    expect_ok(text, &e);
    for (char *at = text; *at;) {
        long id = strtol(at, &at, 10);

        assert_in_range(id, 1, ENTRIES);
        seen[id]++;
        at++;
    }
}

static void two_processes_never_get_the_same(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *a = path_join(f.dir, "a"), *b = path_join(f.dir, "b");
    struct racer racers[2] = { { f.dir, a }, { f.dir, b } };
    const char *servers[ENTRIES + 1] = { NULL };
    AUTO_STRV names = { 0 };
    int seen[ENTRIES + 1] = { 0 };
    int64_t run, pids[2];

    (void)state;
    for (int i = 0; i < ENTRIES; i++)
        strv_addf(&names, "web-%03d", i);
    for (int i = 0; i < ENTRIES; i++)
        servers[i] = names.ptr[i];
    run = fixture_run_of(&f, fixture_image(&f, "debian-12", servers), fixture_patch(&f, "curl"));
    fixture_verdict(&f, run, "pass");
    assert_int_equal(rollout_add(&f, run), ENTRIES);
    fixture_shut(&f);
    for (int i = 0; i < 2; i++)
        pids[i] = fixture_fork(race, &racers[i]);
    for (int i = 0; i < 2; i++)
        assert_true(fixture_wait(pids[i]));
    fixture_reopen(&f);
    for (int i = 0; i < 2; i++)
        note_ids(racers[i].out, seen);
    for (int id = 1; id <= ENTRIES; id++)
        assert_int_equal(seen[id], 1);
    expect_verified(&f);
}

/* Each allocation of SQLite fails in turn: a move is there with its record, or not at all. */
static void leasing_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *entry = NULL;

    (void)state;
    rollout_run(&f);
    for (int nth = 1; !entry; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        entry = queue_lease(f.s, "tool", NULL, MINUTE, &e);
        sqlite_fault_disarm();
        assert_int_equal(!entry, !!e);
        if (e)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
        expect_states(&f, entry ? "leased ready" : "ready ready");
        assert_int_equal(count_records(&f, "queue.leased"), !!entry);
    }
    for (int nth = 1, rc = -1; rc < 0; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        rc = queue_ack(f.s, id_of(entry), token_of(entry), NULL, &e);
        sqlite_fault_disarm();
        if (rc < 0)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
        expect_states(&f, rc == 0 ? "done ready" : "leased ready");
        assert_int_equal(count_records(&f, "queue.done"), rc == 0);
    }
    expect_verified(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_leased_in_order),
        cmocka_unit_test(an_empty_queue_has_nothing),
        cmocka_unit_test(checks_who_asks_and_for_how_long),
        cmocka_unit_test(an_answer_ends_the_lease),
        cmocka_unit_test(the_same_answer_again_is_fine),
        cmocka_unit_test(only_the_holder_may_answer),
        cmocka_unit_test(a_lease_that_is_over_is_ready_again),
        cmocka_unit_test(a_lapsed_lease_comes_before_later_entries),
        cmocka_unit_test(two_processes_never_get_the_same),
        cmocka_unit_test(leasing_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
