/* The step of the schema that brings answers to manual steps; see migrations.c. */
#include "store/migrations.h"

const char schema_manual[] =
    "CREATE TABLE manual_answer ("
    "  id INTEGER PRIMARY KEY,"
    "  run INTEGER NOT NULL REFERENCES run(id),"
    "  step TEXT NOT NULL," /* "TESTCASE/STEP" */
    "  result TEXT NOT NULL CHECK (result IN ('pass', 'fail', 'skip')),"
    "  person TEXT NOT NULL COLLATE NOCASE,"
    "  remark TEXT,"
    "  at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX manual_answer_run ON manual_answer(run, step);"
    "CREATE TRIGGER manual_answer_no_update BEFORE UPDATE ON manual_answer"
    "  BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;"
    "CREATE TRIGGER manual_answer_no_delete BEFORE DELETE ON manual_answer"
    "  BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;"
    "CREATE TRIGGER manual_answer_no_replace BEFORE INSERT ON manual_answer"
    "  WHEN EXISTS (SELECT 1 FROM manual_answer WHERE id = NEW.id)"
    "  BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;";
