/* A run that is cancelled, killed, in other hands, or whose store fails: it ends all the same. */
#include <signal.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "fakes/run_scene.h"
#include "fakes/sqlite_fault.h"

static void cancel(struct run_scene *s)
{
    AUTO_ERR e = NULL;

    expect_ok(run_cancel(&s->site, s->id, &e) == 0, &e);
}

static void a_run_under_way_is_cancelled(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    s->on_check = cancel;
    expect_broken(s, ERR_CANCELLED, "stopped by 'run cancel': ");
}

static void interrupt(struct run_scene *s)
{
    stop_raise(s->stop, SIGINT);
}

static void a_signal_ends_a_run(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    s->on_check = interrupt;
    expect_broken(s, ERR_CANCELLED, "stopped by signal 2 (Interrupt): ");
}

static void a_queued_run_is_cancelled_at_once(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    enum verdict v;
    AUTO_ERR e = NULL;

    (void)state;
    cancel(s);
    expect_ended(s, VERDICT_BROKEN);
    expect_reason(s, "cancelled by ann@desk");
    assert_int_equal(scene_execute(s, &v, &e), -1);
    expect_err(ERR_CONFLICT, "it has ended already", &e);
    assert_int_equal(run_cancel(&s->site, s->id, &e), -1);
    expect_err(ERR_CONFLICT, "run 1 has ended already", &e);
    assert_int_equal(run_cancel(&s->site, 9, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no run 9", &e);
}

/* --- other processes ------------------------------------------------------------------------ */

static int recover(struct run_scene *s)
{
    int n = -1;
    AUTO_ERR e = NULL;

    expect_ok(run_recover(&s->site, &n, &e) == 0, &e);
    return n;
}

static void one_process_works_on_a_run(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_FREE char *runs = path_join(s->f.dir, "runs");
    AUTO_FREE char *path = path_join(runs, "1.lock");
    enum verdict v;
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dir_make(runs, 0700, &e) == 0, &e);
    AUTO_FD lock = file_lock(path, false, &e);
    assert_true(lock >= 0);
    fixture_raw(&s->f, "UPDATE run SET state = 'lanes'");
    assert_int_equal(scene_execute(s, &v, &e), -1);
    expect_err(ERR_CONFLICT, "run 1: another process works on it", &e);
    assert_int_equal(recover(s), 0); /* it lives */
    cancel(s);                       /* it will see the flag */
    assert_int_equal(fixture_count(&s->f, "SELECT cancel FROM run WHERE state = 'lanes'"), 1);
    fd_closep(&lock);
    assert_int_equal(recover(s), 1);
    expect_ended(s, VERDICT_BROKEN);
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

static void a_killed_process_leaves_a_run_to_close(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    s->on_check = die;
    fixture_shut(&s->f);
    assert_true(fixture_wait(fixture_fork(execute_and_die, s)));
    fixture_reopen(&s->f);
    run_scene_connect(s);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM run WHERE state = 'lanes'"), 1);
    expect_evidence(s); /* what was recorded until then holds */
    assert_int_equal(recover(s), 1);
    expect_ended(s, VERDICT_BROKEN);
    expect_reason(s, "the process that worked on it was killed");
    assert_int_equal(recover(s), 0);
}

static void a_queued_run_is_not_lost(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    assert_int_equal(recover(s), 0);
    expect_verdict(s, VERDICT_PASS);
}

/* Memory runs out in the store, at more and more distant moments. */
static void a_store_that_fails_loses_nothing(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    bool failed = true;

    (void)state;
    for (long n = 1; failed; n += 1 + n / 4) {
        enum verdict v = VERDICT_MAX_;
        AUTO_ERR e = NULL;

        run_scene_again(s);
        sqlite_fault_arm(n);
        int rc = scene_execute(s, &v, &e);
        failed = sqlite_fault_disarm();
        for (int i = 0; i < LANE_MAX_; i++)
            assert_int_equal(s->lab.lanes[i].destroyed, s->lab.lanes[i].clones);
        expect_evidence(s);
        if (rc < 0) {
            assert_int_equal(v, VERDICT_MAX_);
            expect_err(ERR_NO_ROOM, "out of memory", &e);
            AUTO_JSON *j = scene_run(s);
            if (str_eq(json_str_at(j, "state"), "queued"))
                cancel(s);
            else
                assert_int_equal(recover(s), 1);
            expect_ended(s, VERDICT_BROKEN);
        } else {
            assert_int_equal(v, VERDICT_PASS);
            expect_ended(s, v);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_under_way_is_cancelled),
        cmocka_unit_test(a_signal_ends_a_run),
        cmocka_unit_test(a_queued_run_is_cancelled_at_once),
        cmocka_unit_test(one_process_works_on_a_run),
        cmocka_unit_test(a_killed_process_leaves_a_run_to_close),
        cmocka_unit_test(a_queued_run_is_not_lost),
        cmocka_unit_test(a_store_that_fails_loses_nothing),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("run-stop", tests, NULL, NULL);
}
