/* suggest - "did you mean": the known word that is nearest to one that is not known. */
#ifndef VALIDATOR_BASE_SUGGEST_H
#define VALIDATOR_BASE_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) between two words; words of more than 63
 * bytes are far from everything. */
size_t suggest_distance(const char *a, const char *b);

/* Near enough to be a slip: at most 2 edits, and less than half of the word. */
bool suggest_is_near(const char *typed, size_t distance);

#endif
