/* Runs for workers: which is next, and what becomes of one whose worker is gone. */
#include <signal.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "fakes/run_scene.h"

/* The scene's own first run is none of a worker's. */
static struct run_scene *scene_with_queued_run(void)
{
    struct run_scene *s = run_scene_new();

    s->options.queued = true;
    run_scene_again(s);
    return s;
}

static int64_t next(struct run_scene *s, const int64_t *only, size_t n, int64_t after)
{
    AUTO_ERR e = NULL;
    int64_t id = 0;
    int rc = run_next(&s->site, only, n, after, &id, &e);

    expect_ok(rc >= 0, &e);
    return rc > 0 ? id : 0;
}

static void the_oldest_queued_run_is_next(void **state)
{
    AUTO_RUN_SCENE s = scene_with_queued_run();
    int64_t first = s->id;

    (void)state;
    run_scene_again(s);
    assert_int_equal(next(s, NULL, 0, 0), first);
    assert_int_equal(next(s, NULL, 0, first), s->id);
    assert_int_equal(next(s, NULL, 0, s->id), 0);
    assert_int_equal(next(s, &s->id, 1, 0), s->id);
    const int64_t none[] = { 1 }; /* it is not queued for workers */
    assert_int_equal(next(s, none, 1, 0), 0);
}

static void what_was_cancelled_or_ended_is_not(void **state)
{
    AUTO_RUN_SCENE s = scene_with_queued_run();
    AUTO_ERR e = NULL;

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    assert_int_equal(next(s, NULL, 0, 0), 0);
    run_scene_again(s);
    expect_ok(run_cancel(&s->site, s->id, &e) == 0, &e);
    expect_ended(s, VERDICT_BROKEN);
    assert_int_equal(next(s, NULL, 0, 0), 0);
}

static void interrupt(struct run_scene *s)
{
    stop_raise(s->stop, SIGTERM);
}

static void a_worker_that_is_stopped_puts_it_back(void **state)
{
    AUTO_RUN_SCENE s = scene_with_queued_run();
    AUTO_ERR e = NULL;
    enum verdict v;

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    s->on_check = interrupt;
    assert_int_equal(scene_execute(s, &v, &e), -1);
    expect_err(ERR_CANCELLED, "stopped by signal 15", &e);
    assert_int_equal(next(s, NULL, 0, 0), s->id);
    for (int i = 0; i < LANE_MAX_; i++)
        assert_int_equal(s->lab.lanes[i].destroyed, s->lab.lanes[i].clones);
    expect_evidence(s);

    stop_free(s->stop);
    s->stop = stop_new();
    run_scene_connect(s);
    s->on_check = NULL;
    s->lab.answer_count = 0;
    expect_verdict(s, VERDICT_PASS);
}

static void cancel(struct run_scene *s)
{
    AUTO_ERR e = NULL;

    expect_ok(run_cancel(&s->site, s->id, &e) == 0, &e);
}

static void one_that_is_cancelled_is_not_put_back(void **state)
{
    AUTO_RUN_SCENE s = scene_with_queued_run();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    s->on_check = cancel;
    expect_broken(s, ERR_CANCELLED, "stopped by 'run cancel'");
}

static void die(struct run_scene *s)
{
    (void)s;
    raise(SIGKILL);
}

static int execute_and_die(void *arg)
{
    struct run_scene *s = arg;
    enum verdict v;
    AUTO_ERR e = NULL;

    fixture_reopen(&s->f);
    run_scene_connect(s);
    scene_execute(s, &v, &e);
    return -1; /* it should not have come so far */
}

static int recover(struct run_scene *s)
{
    AUTO_ERR e = NULL;
    int n;

    expect_ok(run_recover(&s->site, &n, &e) == 0, &e);
    return n;
}

static void a_killed_worker_is_followed_so_many_times(void **state)
{
    AUTO_RUN_SCENE s = scene_with_queued_run();

    (void)state;
    s->on_check = die;
    for (int i = 1; i <= RUN_TRIES_MAX; i++) {
        fixture_shut(&s->f);
        assert_true(fixture_wait(fixture_fork(execute_and_die, s)));
        fixture_reopen(&s->f);
        run_scene_connect(s);
        assert_int_equal(recover(s), 1);
        assert_int_equal(next(s, NULL, 0, 0), i < RUN_TRIES_MAX ? s->id : 0);
    }
    expect_ended(s, VERDICT_BROKEN);
    expect_reason(s, "the process that worked on it was killed");
    expect_evidence(s);
    assert_int_equal(
        fixture_count(&s->f, "SELECT count(*) FROM evidence WHERE kind = 'run.put-back'"),
        RUN_TRIES_MAX - 1);
}

static void one_that_nobody_began_is_closed_at_last(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    assert_int_equal(recover(s), 0);
    fixture_time(clock_wall_ms() + 11 * 60 * 1000);
    assert_int_equal(recover(s), 1);
    expect_ended(s, VERDICT_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_queued_run_is_next),
        cmocka_unit_test(what_was_cancelled_or_ended_is_not),
        cmocka_unit_test(a_worker_that_is_stopped_puts_it_back),
        cmocka_unit_test(one_that_is_cancelled_is_not_put_back),
        cmocka_unit_test(a_killed_worker_is_followed_so_many_times),
        cmocka_unit_test(one_that_nobody_began_is_closed_at_last),
    };

    return cmocka_run_group_tests_name("run-queue", tests, NULL, NULL);
}
