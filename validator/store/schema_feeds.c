/* The step of the schema that brings vulnerability data; see migrations.c. */
#include "store/migrations.h"

const char schema_feeds[] =
    "CREATE TABLE feed ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  kind TEXT NOT NULL,"
    "  source TEXT NOT NULL," /* an absolute path, or a URL */
    "  release TEXT,"         /* of data that does not say it itself */
    "  created INTEGER NOT NULL,"
    "  digest TEXT," /* of the data that is in the tables below; NULL: none yet */
    "  dated TEXT,"  /* how new the data says it is, RFC 3339 */
    "  imported INTEGER,"
    "  polled INTEGER," /* when it was looked for last */
    "  records INTEGER NOT NULL DEFAULT 0,"
    "  etag TEXT," /* of the answer that brought the data */
    "  modified TEXT"
    ") STRICT;"

    /* One row for each CVE of a record.  The rows of a feed are replaced all at once, so there are
     * no foreign keys: each delete would look through the table below. */
    "CREATE TABLE advisory ("
    "  id INTEGER PRIMARY KEY,"
    "  feed INTEGER NOT NULL,"
    "  name TEXT NOT NULL,"
    "  cve TEXT NOT NULL" /* the name again when it has none */
    ") STRICT;"
    "CREATE INDEX advisory_feed ON advisory(feed);"

    "CREATE TABLE affected ("
    "  ecosystem TEXT NOT NULL," /* "Debian:12" */
    "  package TEXT NOT NULL,"
    "  feed INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  advisory INTEGER NOT NULL,"
    "  names INTEGER NOT NULL,"    /* ports/feed.h, enum feed_names */
    "  severity INTEGER NOT NULL," /* ports/scanner.h, enum severity */
    "  introduced TEXT,"           /* NULL: the first version */
    "  fixed TEXT,"
    "  last TEXT,"
    "  spared TEXT," /* versions separated by blanks */
    "  PRIMARY KEY (ecosystem, package, feed, seq)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE exploited ("
    "  cve TEXT NOT NULL,"
    "  feed INTEGER NOT NULL,"
    "  name TEXT NOT NULL,"
    "  added TEXT NOT NULL,"
    "  due TEXT,"
    "  ransomware INTEGER NOT NULL,"
    "  PRIMARY KEY (cve, feed)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE likelihood ("
    "  cve TEXT NOT NULL,"
    "  feed INTEGER NOT NULL,"
    "  score INTEGER NOT NULL," /* in 1/100,000 */
    "  PRIMARY KEY (cve, feed)"
    ") STRICT, WITHOUT ROWID;";
