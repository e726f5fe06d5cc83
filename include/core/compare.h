/*
 * compare - the results of the two lanes side by side; pure.
 *
 *     baseline   candidate   class
 *     pass       pass        ok
 *     pass       fail        regression
 *     fail       pass        fixed
 *     fail       fail        known-failure
 *     skip       skip        skipped
 *     anything else          missing     (a result that is not there never counts as a pass)
 *
 * A difference (regression, fixed) is looked at again on fresh clones of both lanes; one that does
 * not come again in every round is `flaky`.
 */
#ifndef CORE_COMPARE_H
#define CORE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"
#include "core/stage.h"

struct err;
struct blobs;

enum outcome { OUTCOME_NONE, OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_SKIP };
extern const char *const outcome_names[]; /* "none", "pass", "fail", "skip", NULL */

/* Of a check as a whole or, with `sub`, of one test of its report. */
struct result {
    char *testcase, *check, *title;
    char *sub;              /* name of the test, unique in its report; NULL: the check as a whole */
    char *message;          /* what its report says of it, or why the whole failed; may be NULL */
    bool todo;              /* a test that its author expects to fail */
    enum check_point point; /* where the lane was */
    unsigned points;        /* bits of the check points that it stands for */
    enum outcome outcome;
    int exit_code;
    bool timed_out;
    int64_t duration_ms;
    int64_t output_total;
    char output[DIGEST_HEX_SIZE]; /* blob; "" when it printed nothing */
    int64_t output_size;          /* kept bytes */
};
struct result_list {
    struct result *ptr;
    size_t len;
};
/* Appends a zeroed result with these names (copied), which stands for its own point alone. */
struct result *result_add(struct result_list *l, const char *testcase, const char *check,
                          const char *title, enum check_point point);
void result_list_release(struct result_list *l);

/* The same for a test of the report of the check that was added last as a whole. */
struct result *result_add_sub(struct result_list *l, const char *sub, enum outcome outcome);
json_t *result_json(const struct result *r);

enum compare_class {
    CLASS_OK,
    CLASS_REGRESSION,
    CLASS_FIXED,
    CLASS_KNOWN_FAILURE,
    CLASS_FLAKY,
    CLASS_SKIPPED,
    CLASS_MISSING,
    CLASS_MAX_,
};
extern const char *const class_names[];

/* How often a lane's check passed and failed, in the first round and those that confirmed it. */
struct tally {
    int pass, fail, other;
};

struct comparison {
    enum check_point point; /* of the candidate lane */
    enum compare_class class;
    const struct result *before, *after; /* of the first round, in its lists; NULL: no result */
    int rounds;
    struct tally was, is; /* baseline, candidate */
};
struct comparison_list {
    struct comparison *ptr;
    size_t len;
};

enum compare_class compare_class_of(enum outcome before, enum outcome after);

/*
 * One row for each check and each test in one that either lane has, at each check point of the bits
 * `points`, in the order of points and then of the baseline; a check comes before its tests.
 */
void compare_results(const struct result_list *before, const struct result_list *after,
                     unsigned points, struct comparison_list *ret);
void comparison_list_release(struct comparison_list *l);

/* The lanes did not give the same: regression or fixed. */
bool comparison_differs(const struct comparison *c);

/* One more round: counts it in the rows that differ; one in which it is otherwise makes a row
 * flaky for good. */
void compare_confirm(struct comparison_list *rows, const struct result_list *before,
                     const struct result_list *after);

/* That of the baseline, or of the candidate where there is none: who it is about. */
const struct result *comparison_any(const struct comparison *c);

/* "check 'web-shop/suite', test 'login'"; the caller frees. */
char *comparison_name(const struct comparison *c);

/* The rows as docs/formats.md has them, 'run'; of many tests only those that differ are in it, and
 * all are in a blob. */
json_t *comparisons_json(const struct comparison_list *l, struct blobs *blobs, struct err **err);

#endif
