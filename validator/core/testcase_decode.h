/* testcase_decode - the text of a testcase.yaml against the files that lie beside it. */
#ifndef CORE_TESTCASE_DECODE_H
#define CORE_TESTCASE_DECODE_H

#include <stddef.h>

struct bundle;
struct decoder;
struct err;
struct node;
struct testcase;

/* Fills in all of `t` that testcase.yaml says; `t->bundle` is there already.  `name` stands in
 * messages.  After an error the caller releases `t` as usual. */
int testcase_decode(const char *text, size_t len, const char *name, struct testcase *t,
                    struct err **err);

/* --- shared by the testcase_decode*.c files --------------------------------------------------- */

enum {
    TIMEOUT_MIN_MS = 1000,
    TIMEOUT_MAX_MS = 60 * 60 * 1000,
    OUTPUT_LIMIT = 16 << 20, /* bytes of a check's output that are kept */
    CHECK_UNSET = -1, /* of a check, until it is known what the testcase says for all of them */
};

/* decode_error() at a key of a map, or at the map when the key is absent. */
int testcase_key_error(const struct decoder *d, const struct node *map, const char *path,
                       const char *key, struct err **err, const char *problem);

/* A program is an executable file of the bundle, or stands in the guest already. */
int testcase_check_program(const struct decoder *d, const struct node *n, const char *path,
                           const struct bundle *b, const char *program, struct err **err);

/* FIELD_CUSTOM of the keys `checks`, `params`, `manual`; `target` is the testcase. */
int testcase_decode_checks(const struct decoder *d, const struct node *n, const char *path,
                           void *target, struct err **err);
int testcase_decode_params(const struct decoder *d, const struct node *n, const char *path,
                           void *target, struct err **err);
int testcase_decode_manual(const struct decoder *d, const struct node *n, const char *path,
                           void *target, struct err **err);

/* What testcase.yaml cannot tell: whether the guest can start the programs, and people can read
 * the steps.  Errors name file and line. */
int testcase_check_files(const char *dir, const struct testcase *t, struct err **err);

#endif
