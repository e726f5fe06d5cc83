/* The step of the schema that brings observations; see migrations.c. */
#include "store/migrations.h"

const char schema_observe[] =
    /* What untouched clones of an image look like after the same checks: `scope` is the digest of
     * image, testcases and how far the lanes went. */
    "CREATE TABLE observe_baseline ("
    "  scope TEXT PRIMARY KEY,"
    "  run INTEGER NOT NULL REFERENCES run(id),"
    "  items TEXT NOT NULL,"  /* blob: the first one, with which all others are compared */
    "  seen INTEGER NOT NULL" /* how many untouched clones were looked at */
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE observe_noise ("
    "  scope TEXT NOT NULL REFERENCES observe_baseline(scope),"
    "  key TEXT NOT NULL," /* "KIND KEY" */
    "  PRIMARY KEY (scope, key)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE acknowledgement ("
    "  id INTEGER PRIMARY KEY,"
    "  run INTEGER NOT NULL REFERENCES run(id),"
    "  item TEXT NOT NULL," /* core/observe.h, id of a change */
    "  person TEXT NOT NULL COLLATE NOCASE,"
    "  remark TEXT NOT NULL,"
    "  at INTEGER NOT NULL,"
    "  UNIQUE (run, item)"
    ") STRICT;"
    "CREATE TRIGGER acknowledgement_no_update BEFORE UPDATE ON acknowledgement"
    "  BEGIN SELECT RAISE(ABORT, 'acknowledgements are append-only'); END;"
    "CREATE TRIGGER acknowledgement_no_delete BEFORE DELETE ON acknowledgement"
    "  BEGIN SELECT RAISE(ABORT, 'acknowledgements are append-only'); END;"
    "CREATE TRIGGER acknowledgement_no_replace BEFORE INSERT ON acknowledgement"
    "  WHEN EXISTS (SELECT 1 FROM acknowledgement WHERE id = NEW.id"
    "               OR (run = NEW.run AND item = NEW.item))"
    "  BEGIN SELECT RAISE(ABORT, 'acknowledgements are append-only'); END;";
