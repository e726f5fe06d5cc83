/*
 * diff - two texts line by line, as a unified diff.
 *
 * The shortest edit (Myers), as long as it is short enough to be found quickly; else what lies
 * between the lines that both begin and end with counts as replaced.
 */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include <stddef.h>

#define DIFF_CONTEXT 2

struct diff {
    char *text;            /* "@@ -3,4 +3,5 @@" and lines with ' ', '-', '+' in front; "" */
    size_t removed, added; /* lines in all */
    size_t hidden;         /* of the diff's lines, those beyond the limit */
};

/* At most `lines` lines of the diff are kept, the first ones; of a longer one no more than a third
 * in a row is gone or new, so that many lines that are gone do not hide what came instead. */
void diff_texts(const char *before, const char *after, size_t lines, struct diff *ret);
void diff_release(struct diff *d);
#define AUTO_DIFF __attribute__((cleanup(diff_release))) struct diff

#endif
