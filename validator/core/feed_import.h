/* feed_import - one feed's data into the tables; see core/feed.h. */
#ifndef CORE_FEED_IMPORT_H
#define CORE_FEED_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct feed_format;
struct site;

struct feed_import {
    int64_t id;
    const char *path; /* what is read */
    const char *release;
    const struct feed_format *format;
    const char *digest; /* of what is there */
};

struct feed_imported {
    int64_t records, skipped;
    char dated[32]; /* "" when the data does not say */
};

/* Replaces the feed's rows and its digest, in one transaction. */
int feed_import(const struct site *site, const struct feed_import *in, struct feed_imported *ret,
                struct err **err);

#endif
