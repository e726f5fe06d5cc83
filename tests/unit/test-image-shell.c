/* A person's clone: what is asked of it, and what an error leaves behind. */
#include "core/image_shell.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/image.h"
#include "core/image_warm.h"
#include "core/patch.h"
#include "fakes/image_place.h"
#include "fakes/run_scene.h"

struct scene {
    struct run_scene *s;
    struct image image;
    struct patch patch;
    struct strv steps;
};

static struct scene scene_open(void)
{
    struct scene t = { .s = run_scene_new() };
    AUTO_ERR e = NULL;

    expect_ok(image_by_id(&t.s->site, t.s->image, &t.image, &e) == 0, &e);
    expect_ok(patch_by_id(&t.s->site, t.s->patch, &t.patch, &e) == 0, &e);
    return t;
}

static void scene_close(struct scene *t)
{
    image_release(&t->image);
    patch_release(&t->patch);
    strv_release(&t->steps);
    run_scene_free(&t->s);
}
#define AUTO_SCENE __attribute__((cleanup(scene_close))) struct scene

static struct fake_lane *lane_of(struct scene *t)
{
    return &t->s->lab.other;
}

static void on_step(void *arg, const char *what, double fraction)
{
    struct scene *t = arg;

    assert_true(fraction < 0);
    strv_add(&t->steps, what);
}

static int open_clone(struct scene *t, bool patched, bool cold, struct clone **ret,
                      struct err **err)
{
    const struct image_progress progress = { on_step, t };

    strv_release(&t->steps);
    struct image_shell_plan plan = { .image = &t->image,
                                     .patch = patched ? &t->patch : NULL,
                                     .cold = cold };

    return image_shell_clone(&t->s->site, &t->s->lab.lab, &plan, &progress, ret, err);
}

static void expect_calls(struct scene *t, const char *expected)
{
    AUTO_FREE char *calls = strv_join(&lane_of(t)->calls, " ");

    assert_string_equal(calls, expected);
}

static void expect_steps(struct scene *t, const char *expected)
{
    AUTO_FREE char *steps = strv_join(&t->steps, ", ");

    assert_string_equal(steps, expected);
}

static void expect_no_files(struct scene *t)
{
    AUTO_FREE char *runs = path_join(t->s->f.dir, "runs");

    expect_listing(runs, "");
}

static void a_clone_comes_up_ready(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(open_clone(&t, false, false, &c, &e) == 0, &e);
    expect_calls(&t, "clone wait exec:ready");
    expect_steps(&t, "start a clone, cold boot");
    assert_null(lane_of(&t)->last_payload);
    assert_int_equal(lane_of(&t)->destroyed, 0);
    expect_no_files(&t);
}

static void the_warm_image_is_taken_unless_it_shall_be_cold(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_CLONE warm = NULL;
    AUTO_CLONE cold = NULL;
    AUTO_CLONE useless = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    t.image.warm = image_warm_path(&t.s->site, t.image.digest);
    expect_ok(open_clone(&t, false, false, &warm, &e) == 0, &e);
    expect_steps(&t, "start a clone, warm restore");
    expect_ok(open_clone(&t, false, true, &cold, &e) == 0, &e);
    expect_steps(&t, "start a clone, cold boot");
    t.s->lab.unusable = "it was made with QEMU 1";
    expect_ok(open_clone(&t, false, false, &useless, &e) == 0, &e);
    expect_steps(&t, "start a clone, cold boot: it was made with QEMU 1");
}

static void a_patch_is_on_a_disc_that_leaves_no_file(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_FREE char *problem = NULL;
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(open_clone(&t, true, false, &c, &e) == 0, &e);
    assert_true(str_ends(lane_of(&t)->last_payload, "/payload.iso"));
    expect_no_files(&t);
    expect_ok(image_shell_apply(&t.s->site, c, &t.patch, &r, &problem, &e) == 0, &e);
    expect_calls(&t, "clone wait exec:ready mount exec:apply");
    assert_int_equal(lane_of(&t)->last_timeout_ms, 90000);
    assert_null(problem);
}

static void a_patch_that_is_not_applied_is_told(void **state)
{
    static const struct {
        struct fake_answer answer;
        const char *problem;
    } rows[] = {
        { { .part = "/fake/apply", .exit = 3 }, "it ended with exit status 3" },
        { { .part = "/fake/apply", .timed_out = true }, "it did not end within 90 s" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_SCENE t = scene_open();
        AUTO_GUEST_RESULT r = { 0 };
        AUTO_FREE char *problem = NULL;
        AUTO_CLONE c = NULL;
        AUTO_ERR e = NULL;

        fake_lab_answer(&t.s->lab, rows[i].answer);
        expect_ok(open_clone(&t, true, false, &c, &e) == 0, &e);
        expect_ok(image_shell_apply(&t.s->site, c, &t.patch, &r, &problem, &e) == 0, &e);
        assert_string_equal(problem, rows[i].problem);
    }
}

static void a_patch_that_cannot_be_undone_is_told(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_CLONE c = NULL;
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_FREE char *problem = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&t.s->lab,
                    (struct fake_answer){ .part = "/fake/undo", .output = "impossible" });
    expect_ok(open_clone(&t, true, false, &c, &e) == 0, &e);
    assert_int_equal(image_shell_undo(&t.s->site, c, &t.patch, &r, &problem, &e), -1);
    expect_err(ERR_NOT_FOUND, "undo patch 'openssl': nobody kept the old packages", &e);
    assert_null(problem);
    lane_of(&t)->fail_at = (int)lane_of(&t)->calls.len + 1;
    lane_of(&t)->code = ERR_GUEST;
    assert_int_equal(image_shell_undo(&t.s->site, c, &t.patch, &r, &problem, &e), -1);
    expect_err(ERR_GUEST, "scripted failure of 'mount'", &e);
}

static void a_guest_that_gets_not_ready_can_be_looked_at(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&t.s->lab, (struct fake_answer){ .part = "/bin/ready", .exit = 1 });
    expect_ok(open_clone(&t, false, false, &c, &e) == 0, &e);
    expect_steps(&t, "start a clone, cold boot, its ready command fails; going on");
}

static void what_cannot_be_had_is_refused_at_once(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    free(t.patch.kind);
    t.patch.kind = xstrdup("rpm");
    assert_int_equal(open_clone(&t, true, false, &c, &e), -1);
    expect_err(ERR_INVALID, "no way to apply a patch of kind 'rpm'", &e);
    t.image.removed = true;
    assert_int_equal(open_clone(&t, false, false, &c, &e), -1);
    expect_err(ERR_NOT_FOUND, "the disk of image 'web' was removed", &e);
    expect_calls(&t, "");
}

static int whole_way(struct scene *t, struct err **err)
{
    struct image_screen screen = { .rows = 24, .columns = 80 };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_FREE char *problem = NULL;
    AUTO_CLONE c = NULL;
    int status;

    if (open_clone(t, true, false, &c, err) < 0
        || image_shell_apply(&t->s->site, c, &t->patch, &r, &problem, err) < 0)
        return -1;
    return image_shell_run(c, &screen, &status, err);
}

/* The last one is the shell's: when a guest that is still there loses it, there is another one. */
static bool gives_another(int n, enum err_code code)
{
    return n == 6 && code != ERR_CANCELLED;
}

static void every_call_fails_in_turn(void **state)
{
    static const char *const calls[] = { "clone", "wait",       "exec:ready",
                                         "mount", "exec:apply", "exec:24" };
    static const enum err_code codes[] = { ERR_GUEST, ERR_IO, ERR_CANCELLED };
    AUTO_SCENE t = scene_open();
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(whole_way(&t, &e) == 0, &e);
    assert_int_equal(lane_of(&t)->calls.len, ARRAY_LEN(calls));
    for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
        for (int n = 1; n <= (int)ARRAY_LEN(calls); n++) {
            AUTO_FREE char *what = xasprintf("scripted failure of '%s'", calls[n - 1]);

            fake_lab_forget(&t.s->lab);
            lane_of(&t)->fail_at = n;
            lane_of(&t)->code = codes[c];
            if (gives_another(n, codes[c])) {
                expect_ok(whole_way(&t, &e) == 0, &e);
            } else {
                assert_int_equal(whole_way(&t, &e), -1);
                expect_err(codes[c], what, &e);
                assert_int_equal(lane_of(&t)->calls.len, n);
            }
            assert_int_equal(lane_of(&t)->destroyed, lane_of(&t)->clones);
            expect_no_files(&t);
        }
    }
}

/* --- the shell ------------------------------------------------------------------------------ */

static void the_shell_is_told_its_terminal(void **state)
{
    static const struct {
        const char *term, *expected;
    } rows[] = {
        { "xterm-256color", "|24|80|xterm-256color" },
        { NULL, "|24|80|vt220" },
        { "", "|24|80|vt220" },
        { "x; reboot", "|24|80|vt220" },
        { "$(reboot)", "|24|80|vt220" },
    };
    AUTO_SCENE t = scene_open();
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_answer(&t.s->lab, (struct fake_answer){ .part = "24", .exit = 5 });
    expect_ok(open_clone(&t, false, false, &c, &e) == 0, &e);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct image_screen screen = { .rows = 24, .columns = 80, .term = rows[i].term };
        int status = 0;

        expect_ok(image_shell_run(c, &screen, &status, &e) == 0, &e);
        assert_int_equal(status, 5);
        assert_true(str_ends(lane_of(&t)->last_argv, rows[i].expected));
    }
}

static void a_guest_that_rebooted_gives_another_shell(void **state)
{
    AUTO_SCENE t = scene_open();
    struct image_screen screen = { .rows = 24, .columns = 80 };
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;
    int status = -1;

    (void)state;
    expect_ok(open_clone(&t, false, false, &c, &e) == 0, &e);
    lane_of(&t)->fail_at = 4;
    lane_of(&t)->code = ERR_GUEST;
    expect_ok(image_shell_run(c, &screen, &status, &e) == 0, &e);
    assert_int_equal(status, 0);
    expect_calls(&t, "clone wait exec:ready exec:24 wait exec:24");
    lane_of(&t)->fail_at = 7;
    lane_of(&t)->code = ERR_CANCELLED; /* which is no reboot */
    assert_int_equal(image_shell_run(c, &screen, &status, &e), -1);
    expect_err(ERR_CANCELLED, "scripted failure", &e);
    assert_int_equal(lane_of(&t)->calls.len, 7);
}

static void a_guest_that_starts_no_shell_is_given_up(void **state)
{
    AUTO_SCENE t = scene_open();
    struct image_screen screen = { .rows = 24, .columns = 80 };
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;
    int status = -1;

    (void)state;
    fake_lab_answer(&t.s->lab, (struct fake_answer){ .part = "24", .refuses = true });
    expect_ok(open_clone(&t, false, false, &c, &e) == 0, &e);
    assert_int_equal(image_shell_run(c, &screen, &status, &e), -1);
    expect_err(ERR_IO, "refused", &e);
    expect_calls(&t, "clone wait exec:ready exec:24 wait exec:24 wait exec:24");
}

static void commands_are_run_and_limited(void **state)
{
    AUTO_SCENE t = scene_open();
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_CLONE c = NULL;
    AUTO_ERR e = NULL;
    size_t max = IMAGE_SHELL_SCRIPT_MAX;

    (void)state;
    fake_lab_answer(&t.s->lab,
                    (struct fake_answer){ .part = "hostname", .exit = 7, .output = "x" });
    expect_ok(open_clone(&t, false, false, &c, &e) == 0, &e);
    expect_ok(image_shell_script(c, "hostname", 8, &r, &e) == 0, &e);
    assert_int_equal(r.exit_code, 7);
    assert_string_equal(r.output.ptr, "x");
    assert_string_equal(lane_of(&t)->last_cwd, "/root");
    AUTO_FREE char *text = xcalloc(1, max + 2);
    memset(text, ' ', max + 1);
    assert_int_equal(image_shell_script(c, text, max + 1, &r, &e), -1);
    expect_err(ERR_INVALID, "more than 65536 bytes", &e);
    assert_int_equal(image_shell_script(c, "a\0b", 3, &r, &e), -1);
    expect_err(ERR_INVALID, "hold a NUL byte", &e);
    text[max] = '\0';
    guest_result_release(&r);
    expect_ok(image_shell_script(c, text, max, &r, &e) == 0, &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clone_comes_up_ready),
        cmocka_unit_test(the_warm_image_is_taken_unless_it_shall_be_cold),
        cmocka_unit_test(a_patch_is_on_a_disc_that_leaves_no_file),
        cmocka_unit_test(a_patch_that_is_not_applied_is_told),
        cmocka_unit_test(a_patch_that_cannot_be_undone_is_told),
        cmocka_unit_test(a_guest_that_gets_not_ready_can_be_looked_at),
        cmocka_unit_test(what_cannot_be_had_is_refused_at_once),
        cmocka_unit_test(every_call_fails_in_turn),
        cmocka_unit_test(the_shell_is_told_its_terminal),
        cmocka_unit_test(a_guest_that_rebooted_gives_another_shell),
        cmocka_unit_test(a_guest_that_starts_no_shell_is_given_up),
        cmocka_unit_test(commands_are_run_and_limited),
    };

    return cmocka_run_group_tests_name("image-shell", tests, NULL, NULL);
}
