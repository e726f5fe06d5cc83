/* The build command of a recipe as a process. */
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/recipe_builder.h"
#include "base/clock.h"
#include "base/stop.h"
#include "unit/base.h"

struct recipe {
    char *dir, *output, *work, *log;
    struct build build;
    struct strv steps;
};

static void add_step(void *arg, const char *step)
{
    strv_add(arg, step);
}

static void write_script(const struct recipe *r, const char *name, const char *script, mode_t mode)
{
    AUTO_FREE char *path = path_join(r->dir, name);
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, script, strlen(script), mode, &e), &e);
}

/* A recipe whose build.sh is `script`. */
static struct recipe *recipe_new(const char *root, const char *script)
{
    struct recipe *r = xcalloc(1, sizeof(*r));
    AUTO_ERR e = NULL;

    r->dir = path_join(root, "recipe");
    r->output = path_join(root, "disk");
    r->work = path_join(root, "work");
    r->log = path_join(root, "log");
    expect_ok(dir_make(r->dir, 0755, &e), &e);
    write_script(r, "build.sh", script, 0755);
    r->build = (struct build){
        .dir = r->dir,
        .command = "./build.sh",
        .output = r->output,
        .work = r->work,
        .log = r->log,
        .size = 3 << 20,
        .timeout_ms = 60000,
        .on_step = add_step,
        .arg = &r->steps,
    };
    return r;
}

static void recipe_freep(struct recipe **r)
{
    free((*r)->dir);
    free((*r)->output);
    free((*r)->work);
    free((*r)->log);
    strv_release(&(*r)->steps);
    free(*r);
}
#define AUTO_RECIPE __attribute__((cleanup(recipe_freep))) struct recipe *

static int run(struct recipe *r, struct err **e)
{
    return recipe_builder_ops.run(&r->build, e);
}

static void expect_text(const char *path, const char *text)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *found = file_read(path, 1 << 20, NULL, &e);

    expect_ok(found ? 0 : -1, &e);
    assert_string_equal(found, text);
}

static void expect_nothing_left(const struct recipe *r)
{
    assert_false(file_exists(r->output));
    assert_false(file_exists(r->work));
}

#define SH "#!/bin/sh\n"

static void gives_disk_steps_and_log(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "echo '==> one'; echo plain; echo oops >&2\n"
                                          "printf '==> t\\033[1mwo\\n'\n"
                                          "echo $PATCHLAB_SIZE >$PATCHLAB_OUTPUT\n"
                                          "touch $PATCHLAB_WORK/f\n"
                                          "printf '%s' '==> three'; exec >&-; echo end >&2\n");
    AUTO_ERR e = NULL;

    expect_ok(run(r, &e), &e);
    expect_text(r->output, "3145728\n");
    assert_false(file_exists(r->work));
    assert_int_equal(r->steps.len, 3);
    assert_string_equal(r->steps.ptr[0], "one");
    assert_string_equal(r->steps.ptr[1], "t\\x1b[1mwo");
    assert_string_equal(r->steps.ptr[2], "three");
    AUTO_FREE char *log = file_read(r->log, 1 << 20, NULL, &e);
    expect_ok(log ? 0 : -1, &e);
    assert_non_null(strstr(log, "==> one\n"));
    assert_non_null(strstr(log, "plain\n"));
    assert_non_null(strstr(log, "oops\n"));
    assert_non_null(strstr(log, "end\n"));
}

static void runs_in_the_recipe_with_a_clean_environment(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "pwd -P; echo $SECRET.$http_proxy\n"
                                          "ls -A $PATCHLAB_WORK\n"
                                          "case $PATCHLAB_WORK$PATCHLAB_OUTPUT in\n"
                                          "/*/work/*/disk) echo $# >$PATCHLAB_OUTPUT;; esac\n");
    AUTO_ERR e = NULL;
    AUTO_FREE char *real = path_absolute(r->dir, &e);
    AUTO_FREE char *expected = xasprintf("%s\n.http://proxy:1\n", real);
    AUTO_FREE char *stale = path_join(r->work, "stale");

    setenv("SECRET", "x", 1);
    setenv("http_proxy", "http://proxy:1", 1);
    expect_ok(dir_make(r->work, 0700, &e), &e); /* of a build that was killed */
    expect_ok(file_write(stale, "", 0, 0600, &e), &e);
    r->build.on_step = NULL;
    expect_ok(run(r, &e), &e);
    unsetenv("SECRET");
    unsetenv("http_proxy");
    expect_text(r->log, expected);
    expect_text(r->output, "0\n");
}

/* A state directory may be given as a relative path. */
static void takes_relative_paths(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "echo x >$PATCHLAB_OUTPUT\n");
    AUTO_FREE char *before = getcwd(NULL, 0);
    AUTO_ERR e = NULL;

    assert_int_equal(chdir(*state), 0);
    r->build.dir = "recipe";
    r->build.output = "disk";
    r->build.work = "work";
    r->build.log = "log";
    expect_ok(run(r, &e), &e);
    assert_int_equal(chdir(before), 0);
    expect_text(r->output, "x\n");
    assert_false(file_exists(r->work));
}

static void a_failure_says_the_last_words(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "echo part >$PATCHLAB_OUTPUT; mkdir $PATCHLAB_WORK/d\n"
                                          "echo first >&2; printf 'no \\033 mirror\\n\\n' >&2\n"
                                          "echo '==> a step'; exit 7\n");
    AUTO_ERR e = NULL;

    expect_err(run(r, &e), ERR_IO,
               "the build command './build.sh' failed with status 7: no \\x1b mirror", &e);
    expect_nothing_left(r);
}

static void a_silent_failure_has_no_words(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "exit 1\n");
    AUTO_ERR e = NULL;

    assert_int_equal(run(r, &e), -1);
    assert_string_equal(e->msg, "the build command './build.sh' failed with status 1");
    expect_text(r->log, "");
}

static void status_2_means_not_on_this_host(void **state)
{
    AUTO_RECIPE r = recipe_new(*state,
                               SH "echo 'missing tools; install: mmdebstrap' >&2; exit 2\n");
    AUTO_ERR e = NULL;

    expect_err(run(r, &e), ERR_NOT_FOUND,
               "this host cannot build it: missing tools; install: mmdebstrap", &e);
    expect_nothing_left(r);
}

/* More than the end of the log that is looked at, and a line that does not fit in it. */
static void long_last_words_are_cut(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 3\n");
    AUTO_ERR e = NULL;

    assert_int_equal(run(r, &e), -1);
    assert_true(strlen(e->msg) < 5000);
    assert_non_null(strstr(e->msg, "status 3: xxx"));
}

static void a_killed_command_is_a_failure(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "kill -9 $$\n");
    AUTO_ERR e = NULL;

    expect_err(run(r, &e), ERR_IO, "failed with status 137", &e);
}

static void no_disk_is_an_error(void **state)
{
    static const char *const scripts[] = {
        SH "true\n",
        SH ": >$PATCHLAB_OUTPUT\n",
        SH "mkdir $PATCHLAB_OUTPUT\n",
        SH "ln -s /etc/passwd $PATCHLAB_OUTPUT\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        AUTO_RECIPE r = recipe_new(*state, scripts[i]);
        AUTO_ERR e = NULL;
        expect_err(run(r, &e), ERR_INVALID, "ended well but left no disk", &e);
        rmdir(r->output);
        expect_nothing_left(r);
    }
}

/* What is there from before must not pass for what was built. */
static void an_old_disk_does_not_count(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "true\n");
    AUTO_ERR e = NULL;

    expect_ok(file_write(r->output, "old", 3, 0600, &e), &e);
    expect_err(run(r, &e), ERR_INVALID, "left no disk", &e);
}

static void a_wrong_command_is_named(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "true\n");
    AUTO_ERR e = NULL;

    r->build.command = "./make.sh";
    expect_err(run(r, &e), ERR_INVALID, "there is no build command './make.sh'", &e);
    r->build.command = "no-such-program-here";
    expect_err(run(r, &e), ERR_INVALID, "there is no build command 'no-such-program-here'", &e);
    write_script(r, "plain.sh", SH "true\n", 0644);
    r->build.command = "./plain.sh";
    assert_int_equal(run(r, &e), -1);
    assert_non_null(strstr(e->hint, "chmod +x"));
    expect_err(-1, ERR_INVALID, "'./plain.sh' is not executable", &e);
    write_script(r, "bad.sh", "#!/no/such/shell\n", 0755);
    r->build.command = "./bad.sh";
    expect_err(run(r, &e), ERR_IO, "failed with status 12", &e);
    expect_nothing_left(r);
}

static void a_program_of_the_host_will_do(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "true\n");
    AUTO_ERR e = NULL;

    r->build.command = "true";
    expect_err(run(r, &e), ERR_INVALID, "'true' ended well but left no disk", &e);
}

static void the_deadline_ends_it(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "echo x >$PATCHLAB_OUTPUT; sleep 60\n");
    AUTO_ERR e = NULL;

    r->build.timeout_ms = 300;
    assert_int_equal(run(r, &e), -1);
    assert_non_null(strstr(e->hint, "'timeout' below 'build'"));
    expect_err(-1, ERR_TIMEOUT, "the build did not finish in 0.3 s", &e);
    expect_nothing_left(r);
}

static void stop_at_first_step(void *arg, const char *step)
{
    (void)step;
    stop_raise(arg, 0);
}

static void a_stop_ends_it(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "echo x >$PATCHLAB_OUTPUT; echo '==> go'; sleep 60\n");
    AUTO_STOP stop = stop_new();
    AUTO_ERR e = NULL;
    int64_t begin = clock_mono_ms();

    r->build.stop = stop;
    r->build.on_step = stop_at_first_step;
    r->build.arg = stop;
    expect_err(run(r, &e), ERR_CANCELLED, "the build was interrupted", &e);
    assert_true(clock_mono_ms() - begin < 30000);
    expect_nothing_left(r);
}

/* Directories without any permission, as a tree of packages may have them. */
static void clean_removes_what_is_closed(void **state)
{
    AUTO_RECIPE r = recipe_new(*state, SH "true\n");
    AUTO_FREE char *inner = path_join(r->work, "closed/inner");
    AUTO_FREE char *closed = path_join(r->work, "closed");
    AUTO_ERR e = NULL;

    expect_ok(recipe_builder_ops.clean(r->work, &e), &e); /* absent is fine */
    expect_ok(dir_make(inner, 0755, &e), &e);
    assert_int_equal(chmod(closed, 0), 0);
    expect_ok(recipe_builder_ops.clean(r->work, &e), &e);
    expect_nothing_left(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(gives_disk_steps_and_log),
        scratch_test(runs_in_the_recipe_with_a_clean_environment),
        scratch_test(takes_relative_paths),
        scratch_test(a_failure_says_the_last_words),
        scratch_test(a_silent_failure_has_no_words),
        scratch_test(status_2_means_not_on_this_host),
        scratch_test(long_last_words_are_cut),
        scratch_test(a_killed_command_is_a_failure),
        scratch_test(no_disk_is_an_error),
        scratch_test(an_old_disk_does_not_count),
        scratch_test(a_wrong_command_is_named),
        scratch_test(a_program_of_the_host_will_do),
        scratch_test(the_deadline_ends_it),
        scratch_test(a_stop_ends_it),
        scratch_test(clean_removes_what_is_closed),
    };

    return cmocka_run_group_tests_name("builder", tests, NULL, NULL);
}
