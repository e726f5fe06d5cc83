/* Which entries there are: added, listed, held, released, taken over. */
#include <string.h>

#include "core/queue.h"
#include "core/signoff.h"
#include "fakes/rollout.h"
#include "fakes/sqlite_fault.h"

static void a_run_is_added_once(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = rollout_run(&f);

    (void)state;
    assert_int_equal(rollout_add(&f, run), 0);
    assert_int_equal(count_records(&f, "queue.added"), 1);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM evidence WHERE kind = 'queue.added'"
                                       " AND json_extract(body, '$.servers')"
                                       " = '[\"web-01\",\"web-02\"]'"),
                     1);
    expect_verified(&f);
}

static void an_image_for_no_server_adds_nothing(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, NULL);

    (void)state;
    fixture_verdict(&f, run, "pass");
    assert_int_equal(rollout_add(&f, run), 0);
    assert_int_equal(count_records(&f, "queue.added"), 0);
}

static void a_run_without_verdict_is_not_added(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, "web-01", NULL);
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f.s, &e);
    int n;

    (void)state;
    expect_ok(tx, &e);
    assert_int_equal(queue_add_run(f.s, run, &n, &e), -1);
    expect_err(ERR_CONFLICT, "has no verdict yet", &e);
    assert_int_equal(queue_add_run(f.s, run + 1, &n, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no run 2", &e);
}

static void an_entry_tells_all(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = rollout_run(&f);
    AUTO_ERR e = NULL;
    AUTO_JSON *covers = signoff_covers(f.s, run, &e), *l = rollout_list(&f, "ready", 1);
    const json_t *entry = json_array_get(l, 0), *patch = json_object_get(entry, "patch");

    (void)state;
    assert_int_equal(json_array_size(l), 1);
    assert_int_equal(json_object_size(entry), 12);
    assert_string_equal(json_str_at(entry, "state"), "ready");
    assert_string_equal(json_str_at(entry, "server"), "web-01");
    assert_int_equal(json_int_at(entry, "run"), run);
    assert_int_equal(json_int_at(entry, "attempts"), 0);
    assert_true(json_int_at(entry, "created") > 0);
    assert_string_equal(json_str_at(patch, "name"), "openssl");
    assert_string_equal(json_str_at(patch, "version"), "1.10");
    assert_string_equal(json_str_at(patch, "kind"), "deb");
    assert_string_equal(json_str_at(patch, "digest"), json_str_at(covers, "patch"));
    assert_string_equal(json_str_at(json_object_get(entry, "image"), "name"), "debian-12");
    assert_string_equal(json_str_at(json_object_get(entry, "image"), "digest"),
                        json_str_at(covers, "image"));
    assert_true(json_equal(json_object_get(entry, "covers"), covers));
    assert_true(json_is_null(json_object_get(entry, "lease")));
    assert_true(json_is_null(json_object_get(entry, "result")));
}

static void is_listed_by_state_and_limit(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *one = NULL, *leased = NULL, *ready = NULL, *two = NULL, *all = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    rollout_run(&f);
    rollout_run(&f);
    one = rollout_lease(&f, "tool", NULL);
    leased = rollout_list(&f, "leased", 0);
    ready = rollout_list(&f, "ready", 0);
    two = rollout_list(&f, "ready", 2);
    all = rollout_list(&f, NULL, 0);
    assert_int_equal(json_array_size(leased), 1);
    assert_int_equal(json_array_size(ready), 3);
    assert_int_equal(json_array_size(two), 2);
    assert_int_equal(json_array_size(all), 4);
    assert_int_equal(id_of(json_array_get(leased, 0)), id_of(one));
    /* Who may look at the queue may not answer for the one who has the lease. */
    assert_non_null(json_object_get(json_array_get(leased, 0), "lease"));
    assert_null(token_of(json_array_get(leased, 0)));
    assert_null(queue_list(f.s, "\033waiting", 0, &e));
    expect_err(ERR_INVALID, "'\\x1bwaiting' is no state of a queue entry", &e);
}

static void held_entries_go_to_nobody(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = rollout_run(&f);
    AUTO_JSON *a = NULL, *b = NULL, *l = NULL;

    (void)state;
    fixture_time(0);
    a = rollout_lease(&f, "tool", NULL);
    assert_int_equal(rollout_hold(&f, run, "owner 'ann' refused: no"), 2);
    assert_int_equal(rollout_hold(&f, run, "again"), 0);
    assert_int_equal(count_records(&f, "queue.held"), 1);
    expect_states(&f, "held held");
    l = rollout_list(&f, "held", 0);
    assert_string_equal(json_str_at(json_array_get(l, 1), "result"), "owner 'ann' refused: no");
    assert_string_equal(json_str_at(json_object_get(json_array_get(l, 0), "lease"), "holder"),
                        "tool"); /* it may be at work on it */
    expect_nothing_ready(&f, NULL);
    fixture_time(2 * MINUTE);
    expect_nothing_ready(&f, NULL);
    assert_int_equal(rollout_add(&f, run), 2);
    assert_int_equal(count_records(&f, "queue.released"), 1);
    expect_states(&f, "ready ready");
    b = rollout_lease(&f, "tool", NULL);
    assert_int_equal(id_of(b), id_of(a));
    expect_verified(&f);
}

static void a_held_lease_can_be_answered(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = rollout_run(&f);
    AUTO_JSON *a = rollout_lease(&f, "tool", NULL), *b = rollout_lease(&f, "tool", NULL);

    (void)state;
    assert_int_equal(rollout_hold(&f, run, "no"), 2);
    rollout_ack(&f, a, "was under way");
    expect_states(&f, "done held");
    assert_int_equal(rollout_add(&f, run), 1);
    expect_states(&f, "done leased"); /* its lease goes on */
    rollout_ack(&f, b, NULL);
    expect_states(&f, "done done");
    assert_int_equal(rollout_hold(&f, run, "too late"), 0);
}

static void a_newer_run_takes_over(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    const char *const servers[] = { "a", "b", "c", "d", NULL };
    int64_t image = fixture_image(&f, "debian-12", servers), patch = fixture_patch(&f, "curl");
    int64_t old = fixture_run_of(&f, image, patch), new = fixture_run_of(&f, image, patch);
    AUTO_JSON *a = NULL, *b = NULL, *c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    fixture_verdict(&f, old, "pass");
    fixture_verdict(&f, new, "pass");
    assert_int_equal(rollout_add(&f, old), 4);
    a = rollout_lease(&f, "tool", "a");
    b = rollout_lease(&f, "tool", "b");
    c = rollout_lease(&f, "tool", "c");
    rollout_ack(&f, a, NULL);
    expect_ok(queue_fail(f.s, id_of(b), token_of(b), "no", &e) == 0, &e);
    assert_int_equal(rollout_add(&f, new),
                     1); /* the failed one; others wait under the old approval */
    expect_states(&f, "done ready leased ready");
    expect_ack_refused(&f, b, "not leased with this token");
    assert_int_equal(rollout_hold(&f, old, "no"), 2);
    assert_int_equal(rollout_add(&f, new), 2);
    expect_states(&f, "done ready leased ready");
    rollout_ack(&f, c, NULL); /* the lease that ran when all this happened */
    assert_int_equal(rollout_hold(&f, new, "no"), 2);
    assert_int_equal(rollout_add(&f, old), 0); /* the older run has no say any more */
    expect_states(&f, "done held done held");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM queue WHERE run = 2"), 3);
    expect_verified(&f);
}

static void damaged_entries_are_corrupt(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    rollout_run(&f);
    fixture_raw(&f, "UPDATE queue SET covers = '{'");
    assert_null(queue_list(f.s, NULL, 0, &e));
    expect_err(ERR_CORRUPT, "queue entry 1: ", &e);
    assert_null(queue_lease(f.s, "tool", NULL, MINUTE, &e));
    expect_err(ERR_CORRUPT, "queue entry 1: ", &e);
    fixture_raw(&f, "UPDATE queue SET covers = '{}'");
    expect_states(&f, "ready ready"); /* the lease that could not be told was not given */
}

static void listing_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_JSON *l = NULL;

    (void)state;
    rollout_run(&f);
    for (int nth = 1; !l; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        l = queue_list(f.s, NULL, 0, &e);
        sqlite_fault_disarm();
        if (!l)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
    }
    assert_int_equal(json_array_size(l), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_added_once),
        cmocka_unit_test(an_image_for_no_server_adds_nothing),
        cmocka_unit_test(a_run_without_verdict_is_not_added),
        cmocka_unit_test(an_entry_tells_all),
        cmocka_unit_test(is_listed_by_state_and_limit),
        cmocka_unit_test(held_entries_go_to_nobody),
        cmocka_unit_test(a_held_lease_can_be_answered),
        cmocka_unit_test(a_newer_run_takes_over),
        cmocka_unit_test(damaged_entries_are_corrupt),
        cmocka_unit_test(listing_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
