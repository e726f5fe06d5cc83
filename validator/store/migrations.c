/* The schema, as numbered steps that are never changed once released: new wishes are new steps. */
#include "store/migrations.h"

#include "base/mem.h"

static const char step_1[] =
    "CREATE TABLE image ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  digest TEXT NOT NULL," /* SHA-256 of the sealed disk */
    "  spec TEXT NOT NULL,"   /* canonical JSON: see docs/formats.md, 'image record' */
    "  package_list TEXT,"    /* blob: what is installed, once a clone could tell */
    "  created INTEGER NOT NULL,"
    "  removed INTEGER," /* the row stays for the evidence, the disk is gone */
    "  UNIQUE (name, digest)"
    ") STRICT;"

    "CREATE TABLE patch ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  version TEXT NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  digest TEXT NOT NULL UNIQUE," /* of the canonical manifest, which holds the files' digests */
    "  manifest TEXT NOT NULL,"
    "  created INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE run ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  image INTEGER NOT NULL REFERENCES image(id),"
    "  patch INTEGER NOT NULL REFERENCES patch(id),"
    "  spec TEXT NOT NULL," /* canonical JSON: testcases with digests, options */
    "  state TEXT NOT NULL,"
    "  verdict TEXT CHECK (verdict IN ('pass', 'fail', 'review', 'broken')),"
    "  summary TEXT,"      /* canonical JSON: comparison, reasons; with the verdict */
    "  verdict_hash TEXT," /* the evidence record that holds the verdict */
    "  queued INTEGER NOT NULL DEFAULT 0," /* for any worker, not only for who created it */
    "  tries INTEGER NOT NULL DEFAULT 0,"  /* how often a process began it */
    "  cancel INTEGER NOT NULL DEFAULT 0,"
    "  created INTEGER NOT NULL,"
    "  ended INTEGER"
    ") STRICT;"

    "CREATE TABLE evidence ("
    "  run INTEGER NOT NULL REFERENCES run(id),"
    "  seq INTEGER NOT NULL,"
    "  at INTEGER NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  body TEXT NOT NULL,"
    "  prev TEXT NOT NULL,"
    "  hash TEXT NOT NULL,"
    "  PRIMARY KEY (run, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence"
    "  BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;"
    "CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence"
    "  BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;"
    /* INSERT OR REPLACE deletes without asking a delete trigger: it must not hit an old record. */
    "CREATE TRIGGER evidence_in_order BEFORE INSERT ON evidence"
    "  WHEN NEW.seq <> (SELECT ifnull(max(seq), 0) + 1 FROM evidence WHERE run = NEW.run)"
    "  BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;"

    /* The newest record of the store, for the anchor of the next one. */
    "CREATE TABLE evidence_tip ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  run INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  hash TEXT NOT NULL"
    ") STRICT;"
    "CREATE TRIGGER evidence_moves_tip AFTER INSERT ON evidence"
    "  BEGIN INSERT OR REPLACE INTO evidence_tip VALUES (1, NEW.run, NEW.seq, NEW.hash); END;"

    "CREATE TABLE signoff ("
    "  id INTEGER PRIMARY KEY,"
    "  run INTEGER NOT NULL REFERENCES run(id),"
    "  role TEXT NOT NULL,"
    "  person TEXT NOT NULL COLLATE NOCASE," /* Ann and ann are not two people */
    "  decision TEXT NOT NULL CHECK (decision IN ('approve', 'refuse')),"
    "  remark TEXT,"
    "  covers TEXT NOT NULL,"
    "  at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX signoff_run ON signoff(run);"
    "CREATE TRIGGER signoff_no_update BEFORE UPDATE ON signoff"
    "  BEGIN SELECT RAISE(ABORT, 'sign-offs are append-only'); END;"
    "CREATE TRIGGER signoff_no_delete BEFORE DELETE ON signoff"
    "  BEGIN SELECT RAISE(ABORT, 'sign-offs are append-only'); END;"
    "CREATE TRIGGER signoff_no_replace BEFORE INSERT ON signoff"
    "  WHEN EXISTS (SELECT 1 FROM signoff WHERE id = NEW.id)"
    "  BEGIN SELECT RAISE(ABORT, 'sign-offs are append-only'); END;"

    "CREATE TABLE queue ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  patch INTEGER NOT NULL REFERENCES patch(id),"
    "  server TEXT NOT NULL,"
    "  run INTEGER NOT NULL REFERENCES run(id),"
    "  covers TEXT NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'failed', 'held')),"
    "  token TEXT,"
    "  holder TEXT,"
    "  lease_until INTEGER,"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  result TEXT,"
    "  created INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL,"
    "  UNIQUE (patch, server)"
    ") STRICT;"
    "CREATE INDEX queue_run ON queue(run);"
    /* For the lease: the first ready entry, of all or of one server, and the first lapsed lease. */
    "CREATE INDEX queue_ready ON queue(state, id);"
    "CREATE INDEX queue_server ON queue(server, state, id);"
    "CREATE INDEX queue_lapsed ON queue(lease_until) WHERE state = 'leased';";

/* Patch sources and what they have; see core/patch_source.h. */
static const char step_patch_source[] =
    "CREATE TABLE patch_source ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  spec TEXT NOT NULL," /* canonical JSON: docs/formats.md, 'patch source record' */
    "  release TEXT,"       /* of the last poll that all went well; canonical JSON */
    "  polled INTEGER,"
    "  created INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE patch_source_package ("
    "  source INTEGER NOT NULL REFERENCES patch_source(id) ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  arch TEXT NOT NULL,"
    "  version TEXT NOT NULL,"
    "  origin TEXT NOT NULL," /* the source package */
    "  file TEXT NOT NULL,"   /* below the URI */
    "  size INTEGER NOT NULL,"
    "  sha256 TEXT NOT NULL,"
    "  PRIMARY KEY (source, name, arch, version)"
    ") STRICT, WITHOUT ROWID;";

const char *const migrations[] = { step_1,         step_patch_source, schema_feeds,
                                   schema_observe, schema_manual,     schema_server };
const int migration_count = ARRAY_LEN(migrations);
