/* migrations - the numbered schema steps; `PRAGMA user_version` counts those that were applied. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

extern const char *const migrations[];
extern const int migration_count;

extern const char schema_feeds[]; /* one of them: schema_feeds.c */

#endif
