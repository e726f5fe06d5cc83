/*
 * testcase - an owner's acceptance bundle: testcase.yaml and the checks beside it.
 *
 * A check is any executable; how its result is told is in core/check_results.h.
 */
#ifndef CORE_TESTCASE_H
#define CORE_TESTCASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/command.h"
#include "core/stage.h"

struct image;
struct blobs;

struct check {
    char *name, *title, *run, *user;
    struct strv args;
    int64_t timeout_ms;
    int64_t output_max;
    unsigned stages; /* bits of enum check_point */
    int results;     /* enum check_format */
    char *report;    /* file below the scratch directory; NULL: the report is the output */
};

/* What the checks are told about the server: its values are in core/params.h. */
struct param {
    char *name, *title;
    char *fallback; /* its value when nobody gives one; NULL: it is not set then */
    bool required, secret;
};

/* A step for a person: core/manual.h. */
struct manual {
    char *name, *title;
    char *file;      /* Markdown, of the bundle */
    unsigned stages; /* where it is to be taken; bits of enum check_point */
};

#define MANUAL_TEXT_MAX (64u << 10)

struct testcase {
    char *name, *description, *owner;
    struct strv images, categories; /* applies to any of these; both empty: to everything */
    struct command ready;
    int64_t timeout_ms, output_max; /* defaults of a check */
    struct check *checks;
    size_t check_count;
    struct param *params;
    size_t param_count;
    struct manual *manual;
    size_t manual_count;
    char *dir; /* where it was read from; NULL when it came from the blobs */
    struct bundle bundle;
};

/* Reads and checks DIR/testcase.yaml, and that every check and step is there and can be used. */
int testcase_read(const char *dir, struct testcase *ret, struct err **err);

/* Into the blobs, under `bundle.digest`; and back, with the same checks.  Keeping one that was
 * loaded does nothing. */
int testcase_keep(const struct testcase *t, struct blobs *blobs, struct err **err);
int testcase_load(const struct blobs *blobs, const char *digest, struct testcase *ret,
                  struct err **err);

/* `category` may be NULL: the image does not say. */
bool testcase_applies(const struct testcase *t, const char *image, const char *category);
json_t *testcase_json(const struct testcase *t);
void testcase_release(struct testcase *t);
#define AUTO_TESTCASE __attribute__((cleanup(testcase_release))) struct testcase

struct testcase_list {
    struct testcase *ptr;
    size_t len;
};
/* Every bundle in the directories of `paths` (a directory that is a bundle itself counts as one),
 * sorted by directory within each.  A broken bundle, a path without any (ERR_NOT_FOUND) and two
 * with one name are errors. */
int testcases_read(const struct strv *paths, struct testcase_list *ret, struct err **err);
void testcase_list_release(struct testcase_list *l);
#define AUTO_TESTCASE_LIST __attribute__((cleanup(testcase_list_release))) struct testcase_list

#endif
