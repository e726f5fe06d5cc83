/* check_run - a program of a testcase in a guest, the way testcases/README.md promises it. */
#ifndef CORE_CHECK_RUN_H
#define CORE_CHECK_RUN_H

#include <stddef.h>

struct err;
struct guest;
struct guest_exec;
struct guest_result;
struct params;
struct strv;
struct testcase;

struct check_program {
    const struct testcase *testcase; /* below "testcases" on the payload disc */
    const struct guest_exec *like;   /* user and limits */
    const char *program;             /* of the bundle, or of the guest by its whole path */
    const struct strv *args;
    size_t first_arg; /* those before are not its arguments */
};

/* Its parameters were pushed (params_push()); the output holds none of their secrets. */
int check_run(struct guest *g, const struct check_program *p, const struct params *params,
              struct guest_result *ret, struct err **err);

#endif
