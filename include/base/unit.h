/* unit - numbers with units in files and on the command line: "512MiB", "90s", "2h", "30d". */
#ifndef BASE_UNIT_H
#define BASE_UNIT_H

#include <stdint.h>

struct err;

/* Whole decimal numbers only; overflow, signs, blanks and trailing text are errors. */
int unit_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret, struct err **err);

/* Bytes: a number and one of B, KiB, MiB, GiB, TiB ("3GiB"); a bare number counts bytes. */
int unit_parse_size(const char *text, int64_t *ret_bytes, struct err **err);

/* Milliseconds: a number and one of ms, s, m, h, d ("90s"); a bare number counts seconds. */
int unit_parse_duration(const char *text, int64_t *ret_ms, struct err **err);

/* "1.5 GiB", "820 B"; "0.4 s", "12.3 s", "4 min 05 s", "3 h 10 min".  The caller frees both. */
char *unit_size(int64_t bytes);
char *unit_duration(int64_t ms);

#endif
