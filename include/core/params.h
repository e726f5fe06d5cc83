/*
 * params - what the checks are told about the server: addresses, accounts, and secrets.
 *
 * A testcase says which parameters it has (struct param); their values are in a params file
 * (docs/formats.md), secrets in files of their own that nobody else may read.  A check finds each
 * in a file that its user alone can read, and those that are no secret in its environment, too.
 *
 * The bytes of a secret are in this process and in the memory of a guest, and nowhere else: no
 * argument, no environment, no disc, no record.  What a guest prints goes through scrub().
 *
 * Calling sequence: params_read() -> params_of() -> params_push(), params_env() -> run the checks
 * -> scrub() -> params_release().
 */
#ifndef CORE_PARAMS_H
#define CORE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/str.h"

struct err;
struct guest;
struct testcase;

#define SECRET_MIN 4u /* bytes: less cannot be told from other output */
#define SECRET_MAX (64u << 10)

struct param_value {
    char *name;
    char *value;
    size_t len; /* a secret may hold any bytes */
    bool secret;
};
struct testcase_values {
    char *testcase; /* its name */
    struct param_value *ptr;
    size_t len;
};
struct params {
    struct testcase_values *ptr;
    size_t len;
};

bool param_name_is_valid(const char *s); /* [a-z][a-z0-9-]{0,63} */

/*
 * The values of these testcases from `file`, NULL: there is none, and defaults are all there is.
 * ERR_INVALID: a required parameter has no value, a value is given as what it is not, a file of a
 * secret can be read by others, or is too short, too long or empty; ERR_NOT_FOUND: it is not there.
 */
int params_read(const char *file, const struct testcase *testcases, size_t n, struct params *ret,
                struct err **err);
void params_release(struct params *p); /* the bytes of secrets are wiped */
#define AUTO_PARAMS __attribute__((cleanup(params_release))) struct params

const struct testcase_values *params_of(const struct params *p, const char *testcase); /* or NULL */

/* [{"testcase","values":{...},"secrets":[names]}]: all that a record may hold. */
json_t *params_json(const struct params *p);

/* Gives the checks of a testcase their files, until the guest reboots; `v` NULL: nothing to do. */
int params_push(struct guest *g, const struct testcase *t, const struct testcase_values *v,
                struct err **err);
/* Adds the "NAME=value" that a check of this user (NULL: root) has in its environment. */
void params_env(const struct testcase_values *v, const char *user, struct strv *ret);

/*
 * Puts "[secret NAME]" in place of each secret in what a guest said; where secrets overlap, of all
 * that they cover.  `cut` says where the text was cut off, so that half a secret may stand there: a
 * part of SECRET_MIN bytes or more counts.  What grows beyond the limit of `s` is cut off.
 */
enum scrub_cut { SCRUB_WHOLE = 0, SCRUB_CUT_HEAD = 1, SCRUB_CUT_TAIL = 2 };
void scrub(struct str *s, const struct params *p, unsigned cut);

#endif
