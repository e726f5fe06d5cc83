/* Permits for clones: so many at once, over processes, and none is lost with a process. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/lab_permit.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "unit/base.h"

enum { TINY = 1 << 20 };

static void as_many_as_there_are(void **state)
{
    AUTO_STOP stop = stop_new();
    AUTO_ERR e = NULL;
    AUTO_FD a = lab_permit_take(*state, 2, TINY, stop, &e);
    int b = lab_permit_take(*state, 2, TINY, stop, &e);

    assert_true(a >= 0 && b >= 0 && a != b);
    stop_raise(stop, 0);
    assert_int_equal(lab_permit_take(*state, 2, TINY, stop, &e), -1);
    assert_int_equal(e->code, ERR_CANCELLED);
    err_clear(&e);
    close(b);
    AUTO_FD c = lab_permit_take(*state, 2, TINY, NULL, &e);
    assert_true(c >= 0);
}

static void memory_is_waited_for(void **state)
{
    AUTO_STOP stop = stop_new();
    AUTO_ERR e = NULL;

    stop_raise(stop, 0);
    assert_int_equal(lab_permit_take(*state, 2, INT64_MAX / 2, stop, &e), -1);
    expect_err(-1, ERR_CANCELLED, "interrupted", &e);
    /* Waiting for memory keeps no permit from those who need less. */
    AUTO_FD fd = lab_permit_take(*state, 1, TINY, NULL, &e);
    assert_true(fd >= 0);
}

static void a_killed_process_gives_it_back(void **state)
{
    AUTO_ERR e = NULL;
    int ready[2];

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        AUTO_ERR ignored = NULL;
        if (lab_permit_take(*state, 1, TINY, NULL, &ignored) >= 0)
            (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    char c;
    assert_int_equal(read(ready[0], &c, 1), 1);
    AUTO_STOP stop = stop_new();
    stop_raise(stop, 0);
    assert_int_equal(lab_permit_take(*state, 1, TINY, stop, &e), -1);
    err_clear(&e);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    AUTO_FD fd = lab_permit_take(*state, 1, TINY, NULL, &e);
    assert_true(fd >= 0);
    close(ready[0]);
    close(ready[1]);
}

static void others_know_who_waits_for_memory(void **state)
{
    AUTO_ERR e = NULL;

    assert_false(lab_memory_wanted(*state));
    AUTO_FD fd = lab_permit_take(*state, 1, TINY, NULL, &e);
    assert_true(fd >= 0);
    assert_false(lab_memory_wanted(*state));
    pid_t pid = fork();
    if (pid == 0) {
        AUTO_ERR ignored = NULL;
        _exit(lab_permit_take(*state, 2, INT64_MAX / 2, NULL, &ignored) >= 0);
    }
    for (int i = 0; i < 1000 && !lab_memory_wanted(*state); i++)
        usleep(10000);
    assert_true(lab_memory_wanted(*state));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_false(lab_memory_wanted(*state));
}

static void who_waits_for_a_permit_wants_no_memory(void **state)
{
    AUTO_STOP stop = stop_new();
    AUTO_ERR e = NULL;
    AUTO_FD fd = lab_permit_take(*state, 1, TINY, NULL, &e);

    assert_true(fd >= 0);
    stop_raise(stop, 0);
    assert_int_equal(lab_permit_take(*state, 1, INT64_MAX / 2, stop, &e), -1);
    AUTO_FREE char *file = path_join(*state, "permits/memory");
    assert_false(file_exists(file));
}

static void there_is_memory_or_there_is_not(void **state)
{
    (void)state;
    assert_true(lab_memory_for(1, TINY));
    assert_true(lab_memory_for(1, 0));
    assert_false(lab_memory_for(1, INT64_MAX / 2));
    assert_false(lab_memory_for(1 << 20, TINY));
}

static void there_is_a_default(void **state)
{
    (void)state;
    assert_true(lab_permit_default() >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(as_many_as_there_are),
        scratch_test(memory_is_waited_for),
        scratch_test(a_killed_process_gives_it_back),
        scratch_test(others_know_who_waits_for_memory),
        scratch_test(who_waits_for_a_permit_wants_no_memory),
        cmocka_unit_test(there_is_memory_or_there_is_not),
        cmocka_unit_test(there_is_a_default),
    };

    return cmocka_run_group_tests_name("lab-permit", tests, NULL, NULL);
}
