/*
 * results - the formats in which a test runner tells how each of its tests went, one ops table a
 * format ("tap", "junit").
 *
 * A report is hostile: each format has limits, and what it hands over is fit to be stored and
 * shown: valid UTF-8 without control characters (line ends and tabs stay in messages), bounded as
 * below, and no name twice.  A second "login" is "login #2".
 *
 * Adding a format: one file in adapters/ with its table, one row in adapters/result_formats.c, its
 * name in core/check_results.h, a fuzzer.
 */
#ifndef PORTS_RESULTS_H
#define PORTS_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct err;

#define SUB_RESULTS_MAX 100000     /* of a report */
#define SUB_NAME_MAX 500           /* bytes; what is longer is cut off */
#define SUB_MESSAGE_MAX 4096       /* bytes of one message, likewise */
#define SUB_MESSAGES_MAX (8 << 20) /* bytes of all messages of a report; then there are no more */
#define SUB_DEPTH_MAX 16           /* of tests in tests */

enum sub_outcome { SUB_PASS, SUB_FAIL, SUB_SKIP };

/* One test of a report. */
struct sub_result {
    char *name;
    enum sub_outcome outcome;
    bool todo; /* its author knows that it does not work yet: it was skipped, however it ended */
    struct str message;  /* why it failed or was skipped, in lines; "" when nobody said */
    int64_t duration_ms; /* -1: not said */
};

struct sub_result_list {
    struct sub_result *ptr;
    size_t len;
    size_t messages; /* bytes */
    char *skipped;   /* the whole report is one skip, for this reason; NULL: it is not */
};

struct result_format {
    const char *name;
    /* ERR_INVALID, the place in its message: what is there cannot be read, or is too much. */
    int (*parse)(const char *text, size_t len, struct sub_result_list *ret, struct err **err);
};

/* For formats.  The pointer holds until the next one is added; NULL: too many, ERR_INVALID. */
struct sub_result *sub_result_add(struct sub_result_list *l, const char *name, size_t len,
                                  enum sub_outcome outcome, struct err **err);
/* One more line, or several, of its message. */
void sub_result_say(struct sub_result_list *l, struct sub_result *r, const char *text, size_t len);
void sub_result_put_below(struct sub_result *r, const char *parent); /* "parent/name" */
void sub_results_make_unique(struct sub_result_list *l);

void sub_result_list_release(struct sub_result_list *l);
#define AUTO_SUB_RESULTS __attribute__((cleanup(sub_result_list_release))) struct sub_result_list

#endif
