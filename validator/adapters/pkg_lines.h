/*
 * pkg_lines - what a guest prints about its packages, read strictly: lines of columns that are cut
 * by tabs, each understood as a whole or all of them refused.
 *
 * All errors are ERR_GUEST and begin with "it" or "line", for the caller's name of the whole.
 */
#ifndef VALIDATOR_ADAPTERS_PKG_LINES_H
#define VALIDATOR_ADAPTERS_PKG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "ports/pkgmgr.h"

struct pkg_lines {
    size_t line_max;  /* bytes of a line, without its end */
    size_t count_max; /* lines, an "end" among them */
    const char *what; /* they are, for messages: "packages" */
    bool ends;        /* with a line "end" and nothing behind it: nothing is cut off */
    /* Of `n` columns, which it may change; false: it is no such line. */
    bool (*take)(char *const *columns, size_t n, void *arg);
};

int pkg_lines_read(const char *text, size_t len, const struct pkg_lines *lines, void *arg,
                   struct err **err);

/* Sorts `list` and hands it over, unless a name stands there twice. */
int pkg_list_end(struct package_list *list, struct package_list *ret, struct err **err);

/* A line of a state: its first word, and the second one where that makes a difference. */
struct pkg_state_line {
    const char *word, *second;                                 /* second: NULL for any */
    size_t columns;                                            /* behind the first word */
    bool (*take)(char *const *columns, struct pkg_state *ret); /* from the second word on */
};

struct pkg_state_format {
    const struct pkg_state_line *lines;
    size_t len;
    size_t line_max, count_max; /* as above */
};

int pkg_state_read(const char *text, size_t len, const struct pkg_state_format *format,
                   struct pkg_state *ret, struct err **err);

/* There is more or less any path, so this is only about what cannot be one. */
bool pkg_path_is_valid(const char *s);
/* Printable, short and without blanks, for a sentence: a kernel, a package. */
bool pkg_word_is_valid(const char *s);

#endif
