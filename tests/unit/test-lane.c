/* One clone's way through a run: what is asked of it, and what follows when a call fails. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/image.h"
#include "core/lane.h"
#include "core/patch.h"
#include "core/site.h"
#include "core/testcase.h"
#include "fakes/fake_lab.h"
#include "fakes/fixture.h"

/* A lane with an image, a patch and one testcase of two checks; `b` runs after the reboot only. */
struct scene {
    struct fixture f;
    struct fake_lab lab;
    struct site site;
    char *ready_argv[2], *t_ready_argv[3];
    struct image image;
    struct patch patch;
    struct check checks[2];
    struct testcase testcase;
    struct stop *stop;
    struct mailbox *mailbox;
    struct lane_plan plan;
    struct lane_report report;
    struct strv kinds; /* of the events of the last run */
    json_t *bodies;    /* beside them */
};

/* The scene owns its structs, so nobody writes to or frees these. */
#define LITERAL(text) ((char *)(text))

static void describe(struct scene *s)
{
    s->ready_argv[0] = LITERAL("/bin/ready");
    s->t_ready_argv[0] = LITERAL("checks/wait");
    s->t_ready_argv[1] = LITERAL("now");
    s->image = (struct image){
        .name = LITERAL("web"),
        .disk = LITERAL("/nowhere/web.qcow2"),
        .memory = 1 << 20,
        .vcpus = 1,
        .packages = "deb",
        .ready = { .argv = { s->ready_argv, 1 }, .timeout_ms = 5000 },
    };
    s->patch = (struct patch){ .name = LITERAL("openssl"),
                               .kind = LITERAL("deb"),
                               .timeout_ms = 90000 };
    s->checks[0] = (struct check){
        .name = LITERAL("a"),
        .title = LITERAL("first"),
        .run = LITERAL("checks/a"),
        .user = LITERAL("www-data"),
        .timeout_ms = 3000,
        .output_max = 100,
        .stages = 1 << POINT_FIRST | 1 << POINT_REBOOTED,
    };
    s->checks[1] = (struct check){
        .name = LITERAL("b"),
        .title = LITERAL("second"),
        .run = LITERAL("/usr/bin/b"),
        .args = { s->t_ready_argv + 1, 1 },
        .timeout_ms = 4000,
        .output_max = 200,
        .stages = 1 << POINT_REBOOTED,
    };
    s->testcase = (struct testcase){
        .name = LITERAL("shop"),
        .ready = { .argv = { s->t_ready_argv, 2 }, .timeout_ms = 6000 },
        .checks = s->checks,
        .check_count = 2,
    };
}

static struct scene *scene_new(enum lane lane)
{
    struct scene *s = xcalloc(1, sizeof(*s));

    s->f = fixture_open();
    fake_lab_init(&s->lab);
    describe(s);
    s->site = (struct site){ .dir = s->f.dir, .blobs = s->f.b, .pkgmgrs = fake_pkgmgrs };
    s->stop = stop_new();
    s->mailbox = mailbox_new();
    s->bodies = json_array();
    s->plan = (struct lane_plan){
        .site = &s->site,
        .lab = &s->lab.lab,
        .lane = lane,
        .round = 1,
        .points = 1 << POINT_FIRST | 1 << POINT_REBOOTED,
        .label = lane == LANE_BASELINE ? "run1-a" : "run1-b",
        .image = &s->image,
        .patch = lane == LANE_CANDIDATE ? &s->patch : NULL,
        .testcases = &s->testcase,
        .testcase_count = 1,
        .payload = "/nowhere/payload.iso",
        .stop = s->stop,
        .mailbox = s->mailbox,
    };
    return s;
}

static void scene_free(struct scene **sp)
{
    struct scene *s = *sp;

    lane_report_release(&s->report);
    mailbox_free(s->mailbox);
    stop_free(s->stop);
    json_decref(s->bodies);
    strv_release(&s->kinds);
    fake_lab_release(&s->lab);
    fixture_close(&s->f);
    free(s);
}
#define AUTO_SCENE __attribute__((cleanup(scene_free))) struct scene *

static struct fake_lane *lane_of(struct scene *s)
{
    return &s->lab.lanes[s->plan.lane];
}

/* Runs the lane and takes what it posted. */
static int run(struct scene *s, struct err **err)
{
    struct event e;

    lane_report_release(&s->report);
    strv_release(&s->kinds);
    json_array_clear(s->bodies);
    int rc = lane_run(&s->plan, &s->report, err);
    while (mailbox_take(s->mailbox, 0, &e)) {
        strv_add(&s->kinds, e.kind);
        json_array_append_new(s->bodies, e.body);
    }
    return rc;
}

static const json_t *body_of(const struct scene *s, const char *kind)
{
    for (size_t i = 0; i < s->kinds.len; i++) {
        if (str_eq(s->kinds.ptr[i], kind))
            return json_array_get(s->bodies, i);
    }
    fail_msg("no event '%s'", kind);
    return NULL;
}

static const struct result *result_of(const struct scene *s, const char *testcase,
                                      const char *check, enum check_point point)
{
    for (size_t i = 0; i < s->report.results.len; i++) {
        const struct result *r = &s->report.results.ptr[i];
        if (r->point == point && str_eq(r->testcase, testcase) && str_eq(r->check, check))
            return r;
    }
    return NULL;
}

static void expect_outcome(const struct scene *s, const char *testcase, const char *check,
                           enum check_point point, enum outcome outcome)
{
    const struct result *r = result_of(s, testcase, check, point);

    if (!r)
        fail_msg("no result of '%s/%s'", testcase, check);
    if (r->outcome != outcome)
        fail_msg("'%s/%s' is '%s'", testcase, check, outcome_names[r->outcome]);
}

static void expect_clean_end(struct scene *s)
{
    const struct fake_lane *l = lane_of(s);

    assert_int_equal(l->destroyed, l->clones);
    assert_int_equal(strv_has(&s->kinds, "lane.end"), l->clones == 1);
    if (l->clones)
        assert_string_equal(s->kinds.ptr[s->kinds.len - 1], "lane.end");
    for (size_t i = 0; i < json_array_size(s->bodies); i++)
        assert_string_equal(json_str_at(json_array_get(s->bodies, i), "lane"),
                            lane_names[s->plan.lane]);
}

static void the_baseline_is_walked_in_order(void **state)
{
    AUTO_SCENE s = scene_new(LANE_BASELINE);
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(run(s, &e) == 0, &e);
    AUTO_FREE char *calls = strv_join(&lane_of(s)->calls, " ");
    assert_string_equal(calls, "clone wait exec:ready exec:list mount exec:wait mount exec:a "
                               "reboot exec:ready mount exec:wait mount exec:a mount exec:b");
    AUTO_FREE char *kinds = strv_join(&s->kinds, " ");
    assert_string_equal(kinds, "lane.start lane.up lane.ready lane.packages check check.start check"
                               " lane.reboot lane.rebooted lane.ready check check.start check"
                               " check.start check lane.end");
    assert_int_equal(s->report.results.len, 10);
    for (size_t i = 0; i < s->report.results.len; i++)
        assert_int_equal(s->report.results.ptr[i].outcome, OUTCOME_PASS);
    assert_non_null(result_of(s, "@guest", "boots", POINT_REBOOTED));
    assert_non_null(result_of(s, "@guest", "survives", POINT_FIRST));
    assert_non_null(result_of(s, "shop", "@ready", POINT_FIRST));
    assert_null(result_of(s, "shop", "b", POINT_FIRST));
    assert_int_equal(s->report.before.len, 2);
    assert_int_equal(s->report.after.len, 0);
    assert_false(s->report.applied);
    assert_string_equal(json_str_at(body_of(s, "lane.ready"), "stage"), "as-is");
    assert_int_equal(json_int_at(body_of(s, "lane.end"), "disk_added"), 4096);
    expect_clean_end(s);
}

static void the_candidate_is_patched_before_its_checks(void **state)
{
    AUTO_SCENE s = scene_new(LANE_CANDIDATE);
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "fake/state", .output = "held" });
    expect_ok(run(s, &e) == 0, &e);
    AUTO_FREE char *calls = strv_join(&lane_of(s)->calls, " ");
    assert_string_equal(calls, "clone wait exec:ready exec:list exec:state mount exec:apply "
                               "exec:state exec:list mount exec:wait mount exec:a "
                               "reboot exec:ready mount exec:wait mount exec:a mount exec:b");
    assert_true(s->report.applied);
    assert_null(s->report.apply_problem);
    assert_true(s->report.wants_reboot);
    assert_true(s->report.facts.known);
    assert_int_equal(s->report.facts.before.held_count, 1);
    assert_null(s->report.facts.before.held[0].offered);
    assert_string_equal(s->report.facts.after.held[0].offered, "13");
    assert_string_equal(json_str_at(body_of(s, "lane.state"), "when"), "before");
    assert_string_equal(s->report.before.ptr[1].version, "1");
    assert_string_equal(s->report.after.ptr[1].version, "2");
    assert_true(json_is_true(json_object_get(body_of(s, "patch.applied"), "ok")));
    expect_clean_end(s);
}

static void a_check_gets_what_it_was_promised(void **state)
{
    AUTO_SCENE s = scene_new(LANE_BASELINE);
    AUTO_ERR e = NULL;

    (void)state;
    s->checks[0].stages = 1 << POINT_FIRST;
    s->checks[1].stages = 1 << POINT_FIRST;
    s->testcase.ready.argv.len = 0;
    s->image.ready.argv.len = 0;
    expect_ok(run(s, &e) == 0, &e);
    const struct fake_lane *l = lane_of(s);
    assert_string_equal(l->last_argv, "/usr/bin/b|now");
    assert_string_equal(l->last_scratch, "PATCHLAB_TMP");
    assert_string_equal(l->last_cwd, "/payload/testcases/shop");
    assert_string_equal(l->last_env, "PATCHLAB_TESTCASE=/payload/testcases/shop");
    assert_null(l->last_user);
    assert_int_equal(l->last_timeout_ms, 4000);
    assert_int_equal(l->last_output_max, 200);
    s->testcase.check_count = 1;
    expect_ok(run(s, &e) == 0, &e);
    assert_string_equal(l->last_argv, "/payload/testcases/shop/checks/a");
    assert_string_equal(l->last_user, "www-data");
    assert_int_equal(l->last_timeout_ms, 3000);
    assert_null(result_of(s, "@guest", "ready", POINT_FIRST)); /* the image has no such command */
}

static void the_exit_status_is_the_result(void **state)
{
    static const struct {
        int exit;
        bool timed_out;
        enum outcome outcome;
    } rows[] = {
        { 0, false, OUTCOME_PASS },   { 77, false, OUTCOME_SKIP },  { 1, false, OUTCOME_FAIL },
        { 127, false, OUTCOME_FAIL }, { 137, false, OUTCOME_FAIL }, { 0, true, OUTCOME_FAIL },
        { 77, true, OUTCOME_FAIL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_SCENE s = scene_new(LANE_BASELINE);
        AUTO_ERR e = NULL;

        fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a",
                                                       .exit = rows[i].exit,
                                                       .timed_out = rows[i].timed_out,
                                                       .output = "\x1b[31m\xff" });
        expect_ok(run(s, &e) == 0, &e);
        expect_outcome(s, "shop", "a", POINT_FIRST, rows[i].outcome);
        const struct result *r = result_of(s, "shop", "a", POINT_FIRST);
        assert_int_equal(r->output_size, 6);
        AUTO_FREE char *kept = blob_get(s->f.b, r->output, 100, NULL, &e);
        assert_string_equal(kept, "\x1b[31m\xff"); /* as it came */
        expect_clean_end(s);
    }
}

/* The testcase's own `ready` is a check of its own, and the others run all the same. */
static void a_testcase_that_gets_not_ready_still_runs(void **state)
{
    AUTO_SCENE s = scene_new(LANE_BASELINE);
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/wait", .timed_out = true });
    expect_ok(run(s, &e) == 0, &e);
    expect_outcome(s, "shop", "@ready", POINT_FIRST, OUTCOME_FAIL);
    expect_outcome(s, "shop", "a", POINT_FIRST, OUTCOME_PASS);
}

/* Before the patch it is the image that is wrong, in either lane. */
static void an_image_that_gets_not_ready_is_an_error(void **state)
{
    (void)state;
    for (int lane = 0; lane < LANE_MAX_; lane++) {
        AUTO_SCENE s = scene_new((enum lane)lane);
        AUTO_ERR e = NULL;

        fake_lab_answer(&s->lab, (struct fake_answer){ .part = "/bin/ready",
                                                       .exit = 1,
                                                       .output = "\x1b[2Jnginx is down" });
        assert_int_equal(run(s, &e), -1);
        assert_null(strpbrk(e->msg, "\x1b"));
        expect_err(ERR_IO, "does not get ready without the patch: \\x1b[2Jnginx is down", &e);
        assert_int_equal(fake_lane_call(lane_of(s), "exec:apply"), 0);
        expect_clean_end(s);
    }
}

static void a_patched_image_that_gets_not_ready_is_a_result(void **state)
{
    AUTO_SCENE s = scene_new(LANE_CANDIDATE);
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&s->lab,
                    (struct fake_answer){ .part = "/bin/ready", .exit = 3, .patched = true });
    expect_ok(run(s, &e) == 0, &e);
    expect_outcome(s, "@guest", "ready", POINT_FIRST, OUTCOME_PASS);
    expect_outcome(s, "@guest", "ready", POINT_REBOOTED, OUTCOME_FAIL);
    expect_outcome(s, "shop", "b", POINT_REBOOTED, OUTCOME_PASS);
}

static void a_patch_that_fails_is_checked_all_the_same(void **state)
{
    static const struct fake_answer answers[] = {
        { .part = "/fake/apply", .exit = 100, .output = "dpkg: error" },
        { .part = "/fake/apply", .timed_out = true },
    };
    static const char *const problems[] = { "it ended with exit status 100",
                                            "it did not end within 90 s" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        AUTO_SCENE s = scene_new(LANE_CANDIDATE);
        AUTO_ERR e = NULL;

        fake_lab_answer(&s->lab, answers[i]);
        expect_ok(run(s, &e) == 0, &e);
        assert_false(s->report.applied);
        assert_string_equal(s->report.apply_problem, problems[i]);
        assert_string_equal(json_str_at(body_of(s, "patch.applied"), "problem"), problems[i]);
        expect_outcome(s, "shop", "b", POINT_REBOOTED, OUTCOME_PASS);
        expect_clean_end(s);
    }
}

static void a_kind_that_nobody_can_apply_is_an_error(void **state)
{
    AUTO_SCENE s = scene_new(LANE_CANDIDATE);
    AUTO_ERR e = NULL;

    (void)state;
    s->patch.kind = LITERAL("rpm");
    assert_int_equal(run(s, &e), -1);
    expect_err(ERR_INVALID, "no way to apply a patch of kind 'rpm'", &e);
    expect_clean_end(s);
}

static void an_image_without_packages_has_no_lists(void **state)
{
    AUTO_SCENE s = scene_new(LANE_CANDIDATE);
    AUTO_ERR e = NULL;

    (void)state;
    s->image.packages = NULL;
    expect_ok(run(s, &e) == 0, &e);
    assert_true(s->report.applied);
    assert_int_equal(s->report.before.len + s->report.after.len, 0);
    assert_int_equal(fake_lane_call(lane_of(s), "exec:list"), 0);
    assert_false(s->report.wants_reboot);
    assert_false(s->report.facts.known);
}

/* --- the n-th call fails -------------------------------------------------------------------- */

struct failure {
    int n;
    enum err_code code;
    const char *name;
    bool patching, rebooting; /* it happens when the patch is being, or was, applied; rebooted */
};

static void expect_loss(struct scene *s, const struct failure *x)
{
    const struct result *last = &s->report.results.ptr[s->report.results.len - 1];
    const json_t *body = body_of(s, "lane.lost");
    bool booting = str_eq(x->name, "reboot");
    AUTO_ERR e = NULL;

    assert_string_equal(last->testcase, "@guest");
    assert_string_equal(last->check, booting ? "boots" : "survives");
    assert_int_equal(last->outcome, OUTCOME_FAIL);
    assert_int_equal(last->point, x->rebooting ? POINT_REBOOTED : POINT_FIRST);
    AUTO_FREE char *console = blob_get(s->f.b, last->output, 100, NULL, &e);
    expect_ok(console, &e); /* what the guest said last */
    assert_non_null(strstr(json_str_at(body, "why"), "scripted failure"));
    assert_string_equal(json_str_at(json_object_get(body, "console"), "blob"), last->output);
    assert_true(json_is_null(json_object_get(body, "screen"))); /* there was none to be had */
    if (str_eq(x->name, "exec:apply")) {
        assert_false(s->report.applied);
        assert_non_null(strstr(s->report.apply_problem, "scripted failure of 'exec:apply'"));
    } else if (s->plan.lane == LANE_CANDIDATE) {
        assert_true(s->report.applied);
        assert_null(s->report.apply_problem);
    }
}

static void expect_failure(struct scene *s, const struct failure *x)
{
    AUTO_FREE char *what = xasprintf("scripted failure of '%s'", x->name);
    AUTO_FREE char *who = xasprintf("lane '%s', step '", lane_names[s->plan.lane]);
    bool lost = x->code == ERR_GUEST && (x->patching || x->rebooting);
    AUTO_ERR e = NULL;

    lane_of(s)->fail_at = x->n;
    lane_of(s)->code = x->code;
    int rc = run(s, &e);
    assert_int_equal(lane_of(s)->calls.len, x->n); /* nothing is asked of it any more */
    assert_int_equal(lane_of(s)->clones, x->n > 1);
    expect_clean_end(s);
    if (lost) {
        expect_ok(rc == 0, &e);
        expect_loss(s, x);
        return;
    }
    assert_int_equal(rc, -1);
    assert_true(str_starts(e->msg, who));
    assert_false(strv_has(&s->kinds, "lane.lost"));
    expect_err(x->code, what, &e);
}

static void every_call_fails_in_turn(enum lane lane)
{
    static const enum err_code codes[] = { ERR_GUEST, ERR_IO, ERR_CANCELLED, ERR_NO_ROOM };
    AUTO_SCENE s = scene_new(lane);
    AUTO_STRV calls = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(run(s, &e) == 0, &e);
    for (size_t i = 0; i < lane_of(s)->calls.len; i++)
        strv_add(&calls, lane_of(s)->calls.ptr[i]);
    int apply = fake_lane_call(lane_of(s), "exec:apply");
    int reboot = fake_lane_call(lane_of(s), "reboot");
    assert_true(reboot > apply);
    for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
        for (int n = 1; n <= (int)calls.len; n++) {
            struct failure x = { n, codes[c], calls.ptr[n - 1], apply && n >= apply, n >= reboot };

            fake_lab_forget(&s->lab);
            expect_failure(s, &x);
        }
    }
}

static void every_call_of_the_baseline_fails_in_turn(void **state)
{
    (void)state;
    every_call_fails_in_turn(LANE_BASELINE);
}

static void every_call_of_the_candidate_fails_in_turn(void **state)
{
    (void)state;
    every_call_fails_in_turn(LANE_CANDIDATE);
}

static void *raise_soon(void *arg)
{
    struct scene *s = arg;
    struct event e = { 0 };

    while (mailbox_take(s->mailbox, 60 * 1000, &e)) {
        bool now = str_eq(e.kind, "check.start");
        json_decref(e.body);
        if (now)
            break;
    }
    stop_raise(s->stop, 0);
    return NULL;
}

static void a_stop_ends_a_check_that_hangs(void **state)
{
    AUTO_SCENE s = scene_new(LANE_CANDIDATE);
    AUTO_ERR e = NULL;
    pthread_t t;

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .hangs = true });
    assert_int_equal(pthread_create(&t, NULL, raise_soon, s), 0);
    int rc = lane_run(&s->plan, &s->report, &e);
    pthread_join(t, NULL);
    assert_int_equal(rc, -1);
    expect_err(ERR_CANCELLED, "step 'checks': check 'shop/a': interrupted", &e);
    assert_int_equal(lane_of(s)->destroyed, 1);
}

/* Output that cannot be kept is said to be lost; the result counts all the same. */
static void output_that_cannot_be_kept_is_told(void **state)
{
    AUTO_SCENE s = scene_new(LANE_BASELINE);
    AUTO_FREE char *blobs = path_join(s->f.dir, "blobs");
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .output = "text" });
    expect_ok(dir_remove(blobs, &e) == 0, &e);
    expect_ok(file_write(blobs, "in the way", 10, 0600, &e) == 0, &e);
    expect_ok(run(s, &e) == 0, &e);
    expect_outcome(s, "shop", "a", POINT_FIRST, OUTCOME_PASS);
    assert_string_equal(result_of(s, "shop", "a", POINT_FIRST)->output, "");
    assert_non_null(json_str_at(json_object_get(body_of(s, "lane.packages"), "list"), "lost"));
    expect_clean_end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_baseline_is_walked_in_order),
        cmocka_unit_test(the_candidate_is_patched_before_its_checks),
        cmocka_unit_test(a_check_gets_what_it_was_promised),
        cmocka_unit_test(the_exit_status_is_the_result),
        cmocka_unit_test(a_testcase_that_gets_not_ready_still_runs),
        cmocka_unit_test(an_image_that_gets_not_ready_is_an_error),
        cmocka_unit_test(a_patched_image_that_gets_not_ready_is_a_result),
        cmocka_unit_test(a_patch_that_fails_is_checked_all_the_same),
        cmocka_unit_test(a_kind_that_nobody_can_apply_is_an_error),
        cmocka_unit_test(an_image_without_packages_has_no_lists),
        cmocka_unit_test(every_call_of_the_baseline_fails_in_turn),
        cmocka_unit_test(every_call_of_the_candidate_fails_in_turn),
        cmocka_unit_test(a_stop_ends_a_check_that_hangs),
        cmocka_unit_test(output_that_cannot_be_kept_is_told),
    };

    return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
