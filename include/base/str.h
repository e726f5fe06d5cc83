/*
 * str - the one growing string, always with a limit.
 *
 * Calling sequence: STR_INIT(limit) -> str_add*() -> .ptr/.len -> str_release(),
 * or str_take() to hand the text over.  `.ptr` is NUL-terminated and never
 * NULL (an empty string points at ""), so it can be printed at any time.
 *
 * What would pass the limit is cut off there and `.truncated` is set; nothing
 * fails and nothing grows beyond.  A caller that must not lose text asks
 * `.truncated` once, at the end.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct str {
    char *ptr;
    size_t len;
    size_t cap; /* bytes owned; 0 while .ptr is the shared empty string */
    size_t max; /* limit of .len */
    bool truncated;
};

extern char str_empty[1];
/* clang-format off */
#define STR_INIT(limit) { .ptr = str_empty, .max = (limit) }
/* clang-format on */

void str_add(struct str *s, const char *text);
void str_add_mem(struct str *s, const void *mem, size_t len);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_clear(struct str *s); /* length 0, memory kept */
char *str_take(struct str *s); /* the caller frees it; `s` is empty again */
void str_release(struct str *s);
#define AUTO_STR __attribute__((cleanup(str_release))) struct str

/* A growing list of owned strings, NULL-terminated once something is in it. */
struct strv {
    char **ptr;
    size_t len;
};

void strv_add(struct strv *v, const char *s); /* copies */
void strv_addf(struct strv *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool strv_has(const struct strv *v, const char *s);
void strv_sort(struct strv *v);                            /* by bytes */
bool strv_has_sorted(const struct strv *v, const char *s); /* the same, after strv_sort() */
char *strv_join(const struct strv *v, const char *sep);
void strv_release(struct strv *v);
#define AUTO_STRV __attribute__((cleanup(strv_release))) struct strv

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* Where `s` is in a NULL-terminated list, such as the names of an enum; -1: it is not. */
int str_index(const char *const *list, const char *s);

/* In place. */
void str_lower(char *s); /* ASCII only, whatever the locale */
void str_swap(char *s, char from, char to);

/*
 * For people's eyes: control characters, terminal escapes and invalid UTF-8 in
 * hostile text become visible escapes ("\x1b", "\xff"); newline and tab stay
 * when `multiline`.  The caller frees the result.
 */
char *str_printable(const char *text, size_t len, bool multiline);

/* Valid UTF-8 of the same meaning for storing in JSON: bad bytes become U+FFFD, NUL too. */
char *str_to_utf8(const char *text, size_t len);

#endif
