/* mem: allocation that aborts, and ownership that moves. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"

static void take_moves_ownership(void **state)
{
    char *a = xstrdup("text");
    char *b = TAKE(a);

    (void)state;
    assert_null(a);
    assert_string_equal(b, "text");
    free(b);
}

static void null_strings_stay_null(void **state)
{
    (void)state;
    assert_null(xstrdup(NULL));
    assert_null(xstrndup(NULL, 3));
}

static void nothing_is_something(void **state)
{
    AUTO_FREE void *a = xcalloc(0, 0);
    AUTO_FREE void *b = xreallocarray(NULL, 0, 8);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
}

static void arrays_grow_by_one(void **state)
{
    size_t *a = NULL;

    (void)state;
    for (size_t n = 0; n < 1000; n++) {
        a = xgrow(a, n, sizeof(*a));
        a[n] = n;
    }
    for (size_t n = 0; n < 1000; n++)
        assert_int_equal(a[n], n);
    free(a);
}

static void calloc_clears(void **state)
{
    AUTO_FREE unsigned char *p = xcalloc(1000, 1);

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
}

static void printf_formats(void **state)
{
    AUTO_FREE char *s = xasprintf("%s-%d", "a", 5);
    AUTO_FREE char *n = xstrndup("abcdef", 3);

    (void)state;
    assert_string_equal(s, "a-5");
    assert_string_equal(n, "abc");
}

static void ask_too_much(void)
{
    const struct rlimit none = { 0, 0 };
    volatile size_t many = SIZE_MAX / 4;

    setrlimit(RLIMIT_CORE, &none);
    signal(SIGABRT, SIG_DFL);
    if (!freopen("/dev/null", "w", stderr))
        _exit(1);
    free(xreallocarray(NULL, many, 16)); /* the product overflows */
    _exit(0);
}

static void too_much_aborts(void **state)
{
    int status;

    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        ask_too_much();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_not_equal(status, 0); /* SIGABRT, or the sanitizer's own exit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take_moves_ownership), cmocka_unit_test(null_strings_stay_null),
        cmocka_unit_test(nothing_is_something), cmocka_unit_test(arrays_grow_by_one),
        cmocka_unit_test(calloc_clears),        cmocka_unit_test(printf_formats),
        cmocka_unit_test(too_much_aborts),
    };

    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
