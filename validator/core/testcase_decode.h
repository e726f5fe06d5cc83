/* testcase_decode - the text of a testcase.yaml against the files that lie beside it. */
#ifndef CORE_TESTCASE_DECODE_H
#define CORE_TESTCASE_DECODE_H

#include <stddef.h>

struct err;
struct testcase;

/* Fills in all of `t` that testcase.yaml says; `t->bundle` is there already.  `name` stands in
 * messages.  After an error the caller releases `t` as usual. */
int testcase_decode(const char *text, size_t len, const char *name, struct testcase *t,
                    struct err **err);

#endif
