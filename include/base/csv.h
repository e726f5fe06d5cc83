/*
 * csv - comma-separated values, read strictly by RFC 4180 and written so.
 *
 * A file is hostile: UTF-8 without control characters but line breaks within quotes, lines that
 * end in LF or CR LF, quotes only around a whole field, in each record as many fields as in the
 * first, and the limits below.  A byte order mark at the beginning and empty lines are skipped.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>

struct err;
struct str;
struct strv;

#define CSV_MAX (64u << 20) /* bytes of a file */
#define CSV_FIELD_MAX 65536
#define CSV_COLUMNS_MAX 256

/* `line` is where the record begins. */
typedef int csv_each(void *arg, int line, const struct strv *fields, struct err **err);

/* Stops at the first -1.  `name` stands in messages: "NAME:7: ...", ERR_INVALID. */
int csv_read(const char *text, size_t len, const char *name, csv_each *each, void *arg,
             struct err **err);

/* Appends a field, with a comma in front unless it is the first one of its line. */
void csv_add(struct str *s, const char *field);
void csv_end(struct str *s); /* of the line */

#endif
