/* Warm images: how one is made, what an error leaves behind, and who uses it. */
#include "core/image_warm.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "fakes/fake_lab.h"
#include "fakes/image_place.h"
#include "fakes/run_scene.h"

static const char yaml[] = PLACE_YAML "ready: {command: [/bin/ready], timeout: 7s}\n";

/* An image of the place, a lab, and what was told while it was warmed. */
struct scene {
    struct place p;
    struct fake_lab lab;
    struct image image;
    char *warm; /* where its warm image is to be */
    struct strv steps;
    const char *stop_at; /* the step at which the site's stop is raised */
};

static void on_step(void *arg, const char *what, double fraction)
{
    struct scene *s = arg;

    assert_true(fraction < 0);
    strv_add(&s->steps, what);
    if (str_eq(what, s->stop_at))
        stop_raise(s->p.stop, SIGTERM);
}

static void look_again(struct scene *s)
{
    image_release(&s->image);
    s->image = place_image(&s->p, "tiny");
}

static struct scene scene_open(void)
{
    struct scene s = { .p = place_open() };
    AUTO_ERR e = NULL;
    bool cached;

    fake_lab_init(&s.lab);
    put_in(s.p.recipe, "image.yaml", yaml);
    expect_ok(place_build(&s.p, false, &cached, &e) == 0, &e);
    look_again(&s);
    s.warm = image_warm_path(&s.p.site, s.image.digest);
    return s;
}

static void scene_close(struct scene *s)
{
    image_release(&s->image);
    strv_release(&s->steps);
    free(s->warm);
    fake_lab_release(&s->lab);
    place_close(&s->p);
}
#define AUTO_SCENE __attribute__((cleanup(scene_close))) struct scene

static int warm(struct scene *s, struct err **err)
{
    const struct image_progress progress = { on_step, s };

    strv_release(&s->steps);
    return image_warm(&s->p.site, &s->lab.lab, &s->image, &progress, err);
}

/* Neither files nor a VM, whatever was there before. */
static void expect_cold(struct scene *s)
{
    assert_false(file_exists(s->warm));
    assert_int_equal(s->lab.other.destroyed, s->lab.other.clones);
    look_again(s);
    assert_null(s->image.warm);
}

static void an_image_is_booted_brought_to_rest_and_saved(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(s.image.warm);
    expect_ok(warm(&s, &e) == 0, &e);
    AUTO_FREE char *calls = strv_join(&s.lab.other.calls, " ");
    AUTO_FREE char *steps = strv_join(&s.steps, ", ");
    assert_string_equal(calls, "clone wait exec:ready exec:sh save");
    assert_string_equal(steps, "boot the image, wait until it is ready and at rest, "
                               "save its memory");
    assert_int_equal(s.lab.other.destroyed, 1);
    assert_int_equal(s.lab.other.warm_clones, 0);
    assert_null(s.lab.other.last_payload);
    expect_listing(s.warm, "memory");
    assert_int_equal(mode_of(s.warm), 0711);
    look_again(&s);
    assert_string_equal(s.image.warm, s.warm);
}

static void nobody_need_listen(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&s.lab, (struct fake_answer){ .part = "exit 1\n", .exit = 1, .output = "1\n" });
    expect_ok(image_warm(&s.p.site, &s.lab.lab, &s.image, NULL, &e) == 0, &e);
}

static void an_image_without_ready_command_is_asked_for_rest_only(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_ERR e = NULL;

    (void)state;
    command_release(&s.image.ready);
    expect_ok(warm(&s, &e) == 0, &e);
    AUTO_FREE char *calls = strv_join(&s.lab.other.calls, " ");
    assert_string_equal(calls, "clone wait exec:sh save");
}

static void warming_again_replaces_what_was_there(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(warm(&s, &e) == 0, &e);
    put_in(s.warm, "stale", "of another QEMU");
    look_again(&s);
    expect_ok(warm(&s, &e) == 0, &e);
    expect_listing(s.warm, "memory");
    assert_int_equal(s.lab.other.clones, 2);
    assert_int_equal(s.lab.other.warm_clones, 0); /* not a copy of the old one */
}

/* --- what goes wrong ------------------------------------------------------------------------ */

static void every_call_fails_in_turn(void **state)
{
    static const char *const calls[] = { "clone", "wait", "exec:ready", "exec:sh", "save" };
    static const enum err_code codes[] = { ERR_IO, ERR_GUEST, ERR_CANCELLED, ERR_NO_ROOM };
    AUTO_SCENE s = scene_open();

    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
        for (int n = 1; n <= (int)ARRAY_LEN(calls); n++) {
            AUTO_FREE char *what = xasprintf("scripted failure of '%s'", calls[n - 1]);
            AUTO_ERR e = NULL;

            fake_lab_forget(&s.lab);
            expect_ok(warm(&s, &e) == 0, &e); /* the old one goes, too */
            fake_lab_forget(&s.lab);
            s.lab.other.fail_at = n;
            s.lab.other.code = codes[c];
            assert_int_equal(warm(&s, &e), -1);
            assert_true(str_starts(e->msg, "warm image 'tiny': "));
            expect_err(codes[c], what, &e);
            assert_int_equal(s.lab.other.calls.len, n);
            expect_cold(&s);
        }
    }
}

static void an_interruption_leaves_it_cold(void **state)
{
    static const char *const steps[] = { "boot the image", "wait until it is ready and at rest",
                                         "save its memory" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        AUTO_SCENE s = scene_open();
        AUTO_ERR e = NULL;

        s.stop_at = steps[i];
        assert_int_equal(warm(&s, &e), -1);
        expect_err(ERR_CANCELLED, "warm image 'tiny': ", &e);
        assert_string_equal(s.steps.ptr[s.steps.len - 1], steps[i]);
        expect_cold(&s);
    }
}

static void a_guest_that_gets_not_ready_is_not_saved(void **state)
{
    static const struct {
        struct fake_answer answer;
        const char *part;
    } rows[] = {
        { { .part = "/bin/ready", .exit = 1, .output = "\x1b[2Jnginx is down" },
          "its ready command failed: \\x1b[2Jnginx is down" },
        { { .part = "/bin/ready", .timed_out = true, .output = "still at it" },
          "its ready command did not end in time: still at it" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_SCENE s = scene_open();
        AUTO_ERR e = NULL;

        fake_lab_answer(&s.lab, rows[i].answer);
        assert_int_equal(warm(&s, &e), -1);
        assert_null(strpbrk(e->msg, "\x1b"));
        expect_err(ERR_GUEST, rows[i].part, &e);
        assert_int_equal(fake_lane_call(&s.lab.other, "save"), 0);
        expect_cold(&s);
    }
}

/* What is told of a guest that answers so to the question whether it is at rest. */
static void expect_told(struct fake_answer answer, const char *text)
{
    AUTO_SCENE s = scene_open();
    AUTO_ERR e = NULL;

    answer.part = "exit 1\n"; /* the end of the script that asks */
    fake_lab_answer(&s.lab, answer);
    expect_ok(warm(&s, &e) == 0, &e);
    AUTO_FREE char *steps = strv_join(&s.steps, ", ");
    AUTO_FREE char *expected = xasprintf("boot the image, wait until it is ready and at rest, "
                                         "%ssave its memory",
                                         text);
    assert_string_equal(steps, expected);
    expect_listing(s.warm, "memory");
}

static void a_restless_guest_is_saved_and_told(void **state)
{
    static const char restless[] = "the guest does not come to rest; saving it as it is, ";

    (void)state;
    expect_told((struct fake_answer){ .exit = 1, .output = "0\n" }, restless);
    expect_told((struct fake_answer){ .timed_out = true }, restless);
    expect_told((struct fake_answer){ .output = "1\n" }, "1 failed unit in the image, ");
    expect_told((struct fake_answer){ .output = "2\n" }, "2 failed units in the image, ");
    expect_told((struct fake_answer){ .output = "sh: systemctl: not found\n" }, "");
    expect_told((struct fake_answer){ .output = "-1\n" }, "");
}

static void what_cannot_be_warmed_is_refused_at_once(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_FREE char *lock_path = xasprintf("%s.lock", s.warm);
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(warm(&s, &e) == 0, &e);
    fake_lab_forget(&s.lab);
    AUTO_FD lock = file_lock(lock_path, /* wait= */ false, &e);
    expect_ok(lock >= 0, &e);
    assert_int_equal(warm(&s, &e), -1);
    expect_err(ERR_CONFLICT, "another process warms image 'tiny'", &e);
    fd_closep(&lock);
    lock = -1;
    s.image.memory = INT64_C(1) << 60;
    assert_int_equal(warm(&s, &e), -1);
    expect_err(ERR_NO_ROOM, "warm image 'tiny': ", &e);
    s.image.removed = true;
    assert_int_equal(warm(&s, &e), -1);
    expect_err(ERR_NOT_FOUND, "the disk of image 'tiny' was removed", &e);
    assert_int_equal(s.lab.other.calls.len, 0);
    expect_listing(s.warm, "memory"); /* which nobody has touched */
}

/* --- looking at it -------------------------------------------------------------------------- */

static void its_facts_are_the_lab_s(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_WARM_FACTS f = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(image_warm_facts(&s.lab.lab, &s.image, &f, &e), -1);
    expect_err(ERR_NOT_FOUND, "image 'tiny' is cold", &e);
    expect_ok(warm(&s, &e) == 0, &e);
    look_again(&s);
    expect_ok(image_warm_facts(&s.lab.lab, &s.image, &f, &e) == 0, &e);
    AUTO_JSON *j = image_warm_json(&f);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, "{\"accel\":\"tcg\",\"cpu\":\"fake CPU\",\"disk_size\":4096,"
                              "\"host\":\"desk\",\"machine\":\"fake-1\",\"made\":1,"
                              "\"memory\":536870912,\"memory_size\":6,\"usable\":true,"
                              "\"vcpus\":1,\"versions\":\"fake 1\",\"why_not\":null}");
    warm_facts_release(&f);
    s.lab.unusable = "it was made on another machine";
    expect_ok(image_warm_facts(&s.lab.lab, &s.image, &f, &e) == 0, &e);
    AUTO_JSON *no = image_warm_json(&f);
    assert_true(json_is_false(json_object_get(no, "usable")));
    assert_string_equal(json_str_at(no, "why_not"), "it was made on another machine");
    warm_facts_release(&f);
    AUTO_FREE char *memory = path_join(s.warm, "memory");
    assert_int_equal(unlink(memory), 0);
    assert_int_equal(image_warm_facts(&s.lab.lab, &s.image, &f, &e), -1);
    expect_err(ERR_NOT_FOUND, "memory", &e);
}

/* --- runs on warm images -------------------------------------------------------------------- */

/* Both lanes have started so: `how` and `why_cold` as JSON. */
static void expect_starts(struct run_scene *s, const char *how, const char *why_cold)
{
    AUTO_FREE char *sql = xasprintf("SELECT count(*) FROM evidence WHERE kind = 'lane.start'"
                                    " AND run = %lld AND body LIKE '%%\"how\":%s%%'"
                                    " AND body LIKE '%%\"why_cold\":%s%%'",
                                    (long long)s->id, how, why_cold);

    assert_int_equal(fixture_count(&s->f, sql), 2);
}

static void a_run_takes_the_warm_image(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "\"cold boot\"", "null");
    run_scene_warm(s);
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "\"warm restore\"", "null");
}

static void a_run_says_why_it_boots(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    run_scene_warm(s);
    s->lab.unusable = "it was made with QEMU 1";
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "\"cold boot\"", "\"it was made with QEMU 1\"");
    for (int i = 0; i < LANE_MAX_; i++)
        assert_int_equal(s->lab.lanes[i].warm_clones, 0);
}

static void a_cold_run_lets_the_warm_image_lie(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    run_scene_warm(s);
    s->options.cold = true;
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    expect_starts(s, "\"cold boot\"", "null"); /* nobody asked for it, so there is no why */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_booted_brought_to_rest_and_saved),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(an_image_without_ready_command_is_asked_for_rest_only),
        cmocka_unit_test(warming_again_replaces_what_was_there),
        cmocka_unit_test(every_call_fails_in_turn),
        cmocka_unit_test(an_interruption_leaves_it_cold),
        cmocka_unit_test(a_guest_that_gets_not_ready_is_not_saved),
        cmocka_unit_test(a_restless_guest_is_saved_and_told),
        cmocka_unit_test(what_cannot_be_warmed_is_refused_at_once),
        cmocka_unit_test(its_facts_are_the_lab_s),
        cmocka_unit_test(a_run_takes_the_warm_image),
        cmocka_unit_test(a_run_says_why_it_boots),
        cmocka_unit_test(a_cold_run_lets_the_warm_image_lie),
    };

    return cmocka_run_group_tests_name("image-warm", tests, NULL, NULL);
}
