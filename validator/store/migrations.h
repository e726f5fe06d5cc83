/* migrations - the numbered schema steps; `PRAGMA user_version` counts those that were applied. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

extern const char *const migrations[];
extern const int migration_count;

#endif
