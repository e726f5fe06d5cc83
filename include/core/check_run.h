/* check_run - a program of a testcase in a guest, the way testcases/README.md promises it. */
#ifndef CORE_CHECK_RUN_H
#define CORE_CHECK_RUN_H

struct check;
struct err;
struct guest;
struct guest_result;
struct params;
struct testcase;

/*
 * A check of the testcase, whose bundle lies on the payload disc, or its ready command, which it
 * must have.  Parameters were pushed (params_push()); what comes back holds none of their secrets.
 */
int check_run(struct guest *g, const struct testcase *t, const struct check *c,
              const struct params *params, struct guest_result *ret, struct err **err);
int check_run_ready(struct guest *g, const struct testcase *t, const struct params *params,
                    struct guest_result *ret, struct err **err);

#endif
