/* log: selecting components, and lines that are whole and printable. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base.h"
#include "base/log.h"

/* Sends stderr to a file of the test. */
static int redirect(const char *path)
{
    int saved = dup(STDERR_FILENO);
    AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    dup2(fd, STDERR_FILENO);
    return saved;
}

static char *restore(int saved, const char *path)
{
    AUTO_ERR e = NULL;

    dup2(saved, STDERR_FILENO);
    close(saved);
    char *text = file_read(path, 100000, NULL, &e);
    expect_ok(text ? 0 : -1, &e);
    return text;
}

static void select_is(const char *list, const char *expected)
{
    AUTO_ERR e = NULL;
    char on[LOG_COMPONENT_MAX_ + 1] = "";

    expect_ok(log_select(list, &e), &e);
    for (int c = 0; c < LOG_COMPONENT_MAX_; c++)
        on[c] = log_on((enum log_component)c) ? '1' : '0';
    assert_string_equal(on, expected);
}

/* Must be the first test: nothing has been selected yet. */
static void the_environment_is_asked_first(void **state)
{
    (void)state;
    setenv("PATCHLAB_DEBUG", "agent", 1);
    assert_true(log_on(LOG_AGENT));
    assert_false(log_on(LOG_LAB));
    unsetenv("PATCHLAB_DEBUG");
    assert_true(log_on(LOG_AGENT));
}

static void components_are_selected(void **state)
{
    (void)state;
    select_is("", "000000");
    select_is("lab", "100000");
    select_is("lab,agent,proc,store,run,intake", "111111");
    select_is("all", "111111");
    select_is("all,-agent", "101111");
    select_is("-agent,all", "111111");
    select_is("run,", "000010");
    select_is("-all", "000000");
}

static void unknown_components_are_refused(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    select_is("lab", "100000");
    expect_err(log_select("agent,bogus\x1b", &e), ERR_INVALID, "'bogus\\x1b'", &e);
    assert_int_equal(log_select("-x", &e), -1);
    assert_non_null(strstr(e->hint, "lab"));
    err_clear(&e);
    expect_err(log_select("labs", &e), ERR_INVALID, "'labs'", &e);
    assert_true(log_on(LOG_LAB)); /* a refused list changes nothing */
    assert_false(log_on(LOG_AGENT));
}

static void lines_are_printable(void **state)
{
    AUTO_FREE char *path = path_join(*state, "log");
    int saved = redirect(path);

    select_is("lab", "100000");
    errno = 42;
    log_debug(LOG_LAB, "guest says '%s'", "a\x1b[2J\nb");
    int after = errno;
    log_debug(LOG_RUN, "never");
    AUTO_FREE char *text = restore(saved, path);
    assert_int_equal(after, 42);
    assert_true(str_starts(text, "debug "));
    assert_true(str_ends(text, " lab: guest says 'a\\x1b[2J\\x0ab'\n"));
    assert_null(strstr(text, "never"));
}

static void lines_are_bounded(void **state)
{
    AUTO_FREE char *path = path_join(*state, "log");
    AUTO_FREE char *huge = xcalloc(100001, 1);
    int saved = redirect(path);

    memset(huge, 'x', 100000);
    select_is("run", "000010");
    log_debug(LOG_RUN, "%s", huge);
    AUTO_FREE char *text = restore(saved, path);
    assert_int_equal(strlen(text), 4097);
    assert_int_equal(text[4096], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_is_asked_first),
        cmocka_unit_test(components_are_selected),
        cmocka_unit_test(unknown_components_are_refused),
        scratch_test(lines_are_printable),
        scratch_test(lines_are_bounded),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
