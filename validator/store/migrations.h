/* migrations - the numbered schema steps; `PRAGMA user_version` counts those that were applied. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

extern const char *const migrations[];
extern const int migration_count;

/* Steps with a file of their own. */
extern const char schema_feeds[], schema_observe[], schema_manual[], schema_server[];

#endif
