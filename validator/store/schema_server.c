/* The step of the schema that brings the inventory of servers; see core/server.h. */
#include "store/migrations.h"

const char schema_server[] =
    "CREATE TABLE server ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL COLLATE NOCASE UNIQUE"
    "    CHECK (length(name) BETWEEN 1 AND 128 AND name = lower(name) COLLATE BINARY),"
    "  category TEXT NOT NULL CHECK (category IN"
    "    ('core', 'security', 'file-print', 'mail', 'application', 'database', 'web')),"
    "  image TEXT," /* the name of the image that stands for it; there need not be one yet */
    "  owner TEXT COLLATE NOCASE,"
    "  support TEXT,"
    "  users TEXT,"
    "  location TEXT,"
    "  purpose TEXT,"
    "  exposure TEXT CHECK (exposure IN ('internet', 'partner', 'internal', 'isolated')),"
    "  data_value TEXT CHECK (data_value IN ('low', 'moderate', 'high')),"
    "  redundancy TEXT CHECK (redundancy IN ('none', 'standby', 'cluster')),"
    "  window TEXT," /* core/window.h */
    "  last_patched TEXT CHECK (last_patched = date(last_patched, '+0 days')),"
    "  ticket TEXT,"
    "  package_list TEXT," /* blob: what is installed, as somebody has told */
    "  facts TEXT,"        /* canonical JSON: units, sysctl */
    "  facts_at INTEGER,"  /* when either was told */
    "  created INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL,"
    "  retired INTEGER" /* the row stays for the records */
    ") STRICT;"
    "CREATE INDEX server_image ON server(image);"
    "CREATE TRIGGER server_stays BEFORE DELETE ON server"
    "  BEGIN SELECT RAISE(ABORT, 'a server is retired, not deleted'); END;"

    /* Who changed what when. */
    "CREATE TABLE server_history ("
    "  server INTEGER NOT NULL REFERENCES server(id),"
    "  seq INTEGER NOT NULL,"
    "  at INTEGER NOT NULL,"
    "  by TEXT NOT NULL,"
    "  action TEXT NOT NULL CHECK (action IN ('added', 'changed', 'facts', 'retired', 'returned')),"
    "  origin TEXT,"           /* where an import found it; the reason of a retirement */
    "  changes TEXT NOT NULL," /* canonical JSON: {field: [before, after]} */
    "  PRIMARY KEY (server, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER server_history_no_update BEFORE UPDATE ON server_history"
    "  BEGIN SELECT RAISE(ABORT, 'the history of servers is append-only'); END;"
    "CREATE TRIGGER server_history_no_delete BEFORE DELETE ON server_history"
    "  BEGIN SELECT RAISE(ABORT, 'the history of servers is append-only'); END;"
    "CREATE TRIGGER server_history_in_order BEFORE INSERT ON server_history"
    "  WHEN NEW.seq <> (SELECT ifnull(max(seq), 0) + 1 FROM server_history"
    "    WHERE server = NEW.server)"
    "  BEGIN SELECT RAISE(ABORT, 'the history of servers is append-only'); END;"

    /*
     * Which servers an image stands for.  What the inventory says of a server goes before what an
     * image says: it does not stand for one that has another image there, or is retired.
     */
    "CREATE VIEW image_server (image, server) AS"
    " SELECT image.id, server.name FROM image JOIN server ON server.image = image.name"
    "   WHERE server.retired IS NULL"
    " UNION"
    " SELECT image.id, said.value FROM image, json_each(image.spec, '$.represents.servers') AS said"
    "   WHERE NOT EXISTS (SELECT 1 FROM server WHERE server.name = said.value"
    "     AND (server.retired IS NOT NULL OR server.image <> image.name));";
