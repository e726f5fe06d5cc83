/* base - what every test of the base layer needs: cmocka, errors, a private directory. */
#ifndef UNIT_BASE_H
#define UNIT_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

/* Prints the error that was not expected. */
static inline void expect_ok_(int rc, struct err **e, const char *file, int line)
{
    if (rc == 0 && !*e)
        return;
    print_error("unexpected: %s\n", *e ? (*e)->msg : "no error is stored");
    _assert_int_equal(rc, 0, file, line);
    _assert_true(*e == NULL, "error", file, line);
}
#define expect_ok(rc, e) expect_ok_((rc), (e), __FILE__, __LINE__)

/* An error of this code, `part` in its message; leaves *e NULL. */
static inline void expect_err_(int rc, enum err_code code, const char *part, struct err **e,
                               const char *file, int line)
{
    _assert_int_equal(rc, -1, file, line);
    _assert_true(*e != NULL, "error", file, line);
    if (!strstr((*e)->msg, part))
        print_error("message: %s\nlacks:   %s\n", (*e)->msg, part);
    _assert_true(strstr((*e)->msg, part) != NULL, part, file, line);
    _assert_int_equal((*e)->code, code, file, line);
    err_clear(e);
}
#define expect_err(rc, code, part, e) expect_err_((rc), (code), (part), (e), __FILE__, __LINE__)

/* A private directory as the test's state. */
static inline int scratch_setup(void **state)
{
    AUTO_ERR e = NULL;

    *state = dir_temp(NULL, "patchlab-test", &e);
    return *state ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    char *dir = *state;

    dir_removep(&dir);
    return 0;
}
#define scratch_test(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

#endif
