/* result_tap_line - what one line of TAP says; nothing about the lines before it. */
#ifndef VALIDATOR_ADAPTERS_RESULT_TAP_LINE_H
#define VALIDATOR_ADAPTERS_RESULT_TAP_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap_text { /* part of the line; not terminated */
    const char *ptr;
    size_t len;
};

enum tap_kind {
    TAP_OTHER, /* blank, or nothing that TAP knows */
    TAP_VERSION,
    TAP_PLAN,
    TAP_POINT,
    TAP_BAIL_OUT,
    TAP_SUBTEST, /* "# Subtest: NAME" */
    TAP_COMMENT,
    TAP_PRAGMA,
    TAP_CLOSE, /* "}" */
};

enum tap_directive { TAP_NONE, TAP_SKIP, TAP_TODO };

struct tap_line {
    enum tap_kind kind;
    size_t indent;
    struct tap_text all; /* without the indent */
    uint64_t number;     /* version, tests that are planned, number of a point; 0: none */
    bool ok;             /* of a point */
    bool opens;          /* its subtest follows in braces */
    enum tap_directive directive;
    int64_t duration_ms;         /* "# time=12.5ms"; -1: not said */
    struct tap_text description; /* of a point, with its escapes; name of a subtest */
    struct tap_text reason;      /* of a directive, or for bailing out */
};

struct tap_line tap_line_read(const char *text, size_t len);

/* What prove(1) puts around the TAP of several files: "t/order.t .." in front of each, or
 * "t/order.t .. skipped: no net" instead of one. */
struct tap_file {
    struct tap_text name;
    bool skipped;
    struct tap_text reason;
};
bool tap_file_read(const struct tap_line *line, struct tap_file *ret);

/* Without the escapes "\#" and "\\"; the caller frees. */
char *tap_unescape(struct tap_text t, size_t *ret_len);

/* "12.5" -> 13 (rounded), followed by anything; -1: no number. */
int64_t tap_milliseconds(struct tap_text t);

struct tap_text tap_trim(struct tap_text t);
bool tap_starts(struct tap_text t, const char *prefix);

#endif
