/* Standbys: what a worker keeps ready while it waits, and the run that finds them. */
#include <signal.h>

#include "base/mem.h"
#include "base/stop.h"
#include "fakes/run_scene.h"

static int standby(struct run_scene *s, int count)
{
    AUTO_ERR e = NULL;
    int n = run_standby(&s->site, &s->lab.lab, s->id, count, &e);

    expect_ok(n >= 0, &e);
    return n;
}

static void expect_starts(struct run_scene *s, const char *how, int lanes)
{
    AUTO_FREE char *sql = xasprintf("SELECT count(*) FROM evidence WHERE kind = 'lane.start'"
                                    " AND run = %lld AND body LIKE '%%\"how\":\"%s\"%%'",
                                    (long long)s->id, how);

    assert_int_equal(fixture_count(&s->f, sql), lanes);
}

static void the_next_run_begins_with_them(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    run_scene_warm(s);
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "warm restore", 2);
    assert_int_equal(standby(s, 2), 2);
    assert_int_equal(standby(s, 2), 2);
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "standby", 2);
    assert_int_equal(s->lab.standbys, 0);
}

static void one_lane_may_find_none(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    run_scene_warm(s);
    assert_int_equal(standby(s, 1), 1);
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "standby", 1);
    expect_starts(s, "warm restore", 1);
}

static void a_cold_image_has_none(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    s->lab.standbys = 2; /* of another image */
    assert_int_equal(standby(s, 2), 0);
    assert_int_equal(s->lab.standbys, 0);
    assert_int_equal(s->lab.other.calls.len, 0);
}

static void a_removed_image_has_none(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    run_scene_warm(s);
    assert_int_equal(standby(s, 2), 2);
    fixture_raw(&s->f, "UPDATE image SET removed = 1");
    assert_int_equal(standby(s, 2), 0);
    assert_int_equal(s->lab.standbys, 0);
}

static void none_is_a_number_too(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    run_scene_warm(s);
    assert_int_equal(standby(s, 2), 2);
    assert_int_equal(standby(s, 0), 0);
    assert_int_equal(s->lab.standbys, 0);
}

static void what_fails_is_an_error(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(run_standby(&s->site, &s->lab.lab, s->id + 1, 2, &e), -1);
    expect_err(ERR_NOT_FOUND, "run", &e);
    run_scene_warm(s);
    s->lab.other.fail_at = 1;
    s->lab.other.code = ERR_IO;
    assert_int_equal(run_standby(&s->site, &s->lab.lab, s->id, 2, &e), -1);
    expect_err(ERR_IO, "scripted failure of 'standby'", &e);
    stop_raise(s->stop, SIGTERM);
    assert_int_equal(run_standby(&s->site, &s->lab.lab, s->id, 2, &e), -1);
    expect_err(ERR_CANCELLED, "interrupted", &e);
}

/* A run that needs their memory must not break for want of it. */
static void they_make_room_for_a_large_run(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    s->lab.standbys = 2;
    fixture_raw(&s->f, "UPDATE image SET spec = json_set(spec, '$.memory', 1 << 50)");
    expect_broken(s, ERR_NO_ROOM, "the host has no memory for a clone");
    assert_int_equal(s->lab.standbys, 0);
}

static void a_small_run_lets_them_be(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    s->lab.standbys = 2;
    expect_verdict(s, VERDICT_PASS);
    assert_int_equal(s->lab.standby_calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_run_begins_with_them),
        cmocka_unit_test(one_lane_may_find_none),
        cmocka_unit_test(a_cold_image_has_none),
        cmocka_unit_test(a_removed_image_has_none),
        cmocka_unit_test(none_is_a_number_too),
        cmocka_unit_test(what_fails_is_an_error),
        cmocka_unit_test(they_make_room_for_a_large_run),
        cmocka_unit_test(a_small_run_lets_them_be),
    };

    return cmocka_run_group_tests_name("standby", tests, NULL, NULL);
}
