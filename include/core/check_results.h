/*
 * check_results - what a check's exit status and the report of its runner say together; pure.
 *
 * By exit status alone: 0 is a pass, 77 a skip, anything else a failure, and so is a deadline that
 * passed.  With a report, the check passes only when both say so:
 *
 *     the report cannot be read, is cut off, is not there, is empty   fail, with the parser's words
 *     a test failed                                                   fail
 *     no test failed, but the exit status is not 0                    fail
 *     all tests were skipped                                          skip
 *     no report, or nothing in it, and exit status 77                 skip
 *     otherwise                                                       pass
 */
#ifndef CORE_CHECK_RESULTS_H
#define CORE_CHECK_RESULTS_H

#include "base/json.h"
#include "core/compare.h"
#include "ports/results.h"

struct guest_result;

/* testcase.yaml names the formats; those after "exit" are names of ports/results.h. */
enum check_format { CHECK_EXIT, CHECK_TAP, CHECK_JUNIT };
extern const char *const check_format_names[]; /* "exit", "tap", "junit", NULL */

#define CHECK_REPORT_MAX (16 << 20) /* bytes of a report in a file */

struct check_judgement {
    enum outcome outcome;
    char *why;                    /* one sentence when a report had a say; NULL */
    struct sub_result_list tests; /* empty by exit status alone */
};

/* `format` NULL: by exit status alone.  `report` is the file that the check was to leave, NULL when
 * the report is its output. */
void check_judge(const struct result_format *format, const char *report,
                 const struct guest_result *r, struct check_judgement *ret);
void check_judgement_release(struct check_judgement *j);
#define AUTO_CHECK_JUDGEMENT \
    __attribute__((cleanup(check_judgement_release))) struct check_judgement

/* Adds the tests to the check that was added last. */
void check_add_tests(struct result_list *l, const struct sub_result_list *tests);

/* {"pass","fail","skip"}: how many of them. */
json_t *check_counts_json(const struct sub_result_list *tests);
json_t *check_tests_json(const struct sub_result_list *tests); /* a list of all */

#endif
