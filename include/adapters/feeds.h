/*
 * feeds - the formats of vulnerability data (ports/feed.h) that are understood.
 *
 * "osv", "debian-tracker", "debsecan", "kev", "epss", "json", "oval": docs/formats.md, 'feeds'.
 */
#ifndef ADAPTERS_FEEDS_H
#define ADAPTERS_FEEDS_H

#include <stdbool.h>

#include "ports/feed.h"

extern const struct feed_format feed_osv, feed_tracker, feed_debsecan, feed_kev, feed_epss,
    feed_json, feed_oval;

/* All of them, NULL-terminated. */
extern const struct feed_format *const feed_formats[];

bool feed_is_tree(const char *path); /* a directory */

#endif
