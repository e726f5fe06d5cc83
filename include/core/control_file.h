/*
 * control_file - the stanzas of Debian's control files (deb822), read strictly; pure.
 *
 * Packages, Release and status files are all made of stanzas of "Field: value" lines with an empty
 * line between two.  Whoever wrote them is not trusted: NUL and other control characters, a field
 * that stands there twice, a line that is neither a field nor continues one, and everything beyond
 * the limits is ERR_INVALID with file and line.
 *
 *     struct control_reader r = control_reader(text, len, "Packages");
 *     AUTO_CONTROL_STANZA s = { 0 };
 *     while ((rc = control_next(&r, &s, err)) > 0)
 *         use(control_text(&s, "Package"));
 *
 * Nothing is copied: what is found points into the text.
 */
#ifndef CORE_CONTROL_FILE_H
#define CORE_CONTROL_FILE_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define CONTROL_FIELDS_MAX 200
#define CONTROL_STANZA_MAX (8u << 20) /* bytes; a Release is one stanza */

struct control_field {
    const char *name;
    size_t name_len;
    const char *value; /* without blanks around it; continuation lines with their newlines */
    size_t value_len;
    int64_t line;
};

struct control_stanza {
    const char *text; /* from its first byte to the newline of its last line */
    size_t text_len;
    int64_t line; /* its first, from 1 on */
    struct control_field *fields;
    size_t len;
};

struct control_reader {
    const char *pos, *end;
    const char *name; /* of the file, in messages */
    int64_t line;     /* the last that was read */
};

struct control_reader control_reader(const char *text, size_t len, const char *name);

/* 1: a stanza, 0: the end, -1.  The stanza is used again for the next one. */
int control_next(struct control_reader *r, struct control_stanza *ret, struct err **err);

/* Names compare without regard to case; NULL when there is none. */
const struct control_field *control_find(const struct control_stanza *s, const char *name);

/* A copy of a value of one line, which the caller frees; NULL when there is none, or it has
 * several lines. */
char *control_text(const struct control_stanza *s, const char *name);

void control_stanza_release(struct control_stanza *s);
#define AUTO_CONTROL_STANZA __attribute__((cleanup(control_stanza_release))) struct control_stanza

#endif
