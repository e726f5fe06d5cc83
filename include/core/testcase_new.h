/* testcase_new - a bundle to start from: commented, correct, and passing on a plain Debian. */
#ifndef CORE_TESTCASE_NEW_H
#define CORE_TESTCASE_NEW_H

struct err;

/* Makes DIR/NAME; *ret_path is the caller's.  ERR_INVALID: no name for a testcase; ERR_CONFLICT:
 * something is there already. */
int testcase_new(const char *dir, const char *name, char **ret_path, struct err **err);

#endif
