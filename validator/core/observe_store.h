/* observe_store - what untouched clones looked like, and the noise that was learnt from them. */
#ifndef CORE_OBSERVE_STORE_H
#define CORE_OBSERVE_STORE_H

#include <stdint.h>

struct err;
struct observation;
struct site;
struct strv;

/* One more untouched clone of this scope: the first is kept (its items in the blob `items`), each
 * other is compared with that. */
int observe_learn(const struct site *site, const char *scope, int64_t run, const char *items,
                  const struct observation *seen, struct err **err);

/* The noise of a scope, sorted, and from how many clones it was learnt. */
int observe_noise_load(const struct site *site, const char *scope, struct strv *ret_noise,
                       int *ret_baselines, struct err **err);

#endif
