/* feed_work - what feed.c and feed_poll.c share. */
#ifndef CORE_FEED_WORK_H
#define CORE_FEED_WORK_H

#include <stdint.h>

struct err;
struct feed_format;
struct site;

const struct feed_format *feed_format_of(const struct site *site, const char *kind); /* or NULL */
int feed_unknown_kind(const struct site *site, const char *kind, struct err **err);  /* -1 */
int feed_find(const struct site *site, const char *name, int64_t *ret, struct err **err);

#endif
