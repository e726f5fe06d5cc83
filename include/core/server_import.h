/*
 * server_import - the inventory from and for other tools.
 *
 *     server_rows_from_csv(), ..._ansible(), ..._json(), ..._domains()    what they say, checked
 *     server_import()                                                     all of it, or nothing
 *     server_export_csv(), ..._ansible(), server_list()                   the same the other way
 *
 * What was exported and is imported again changes nothing.  A column, variable or member that is
 * absent leaves what there is; an empty one clears it.  docs/formats.md, 'inventory'.
 */
#ifndef CORE_SERVER_IMPORT_H
#define CORE_SERVER_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "core/server.h"

struct domain_list;

struct server_rows {
    struct server_row *ptr;
    size_t len;
};
void server_rows_release(struct server_rows *l);
#define AUTO_SERVER_ROWS __attribute__((cleanup(server_rows_release))) struct server_rows

#define SERVER_IMPORT_MAX (64u << 20) /* bytes of a file */
#define SERVER_ROWS_MAX 1000000

/*
 * `name` stands in messages.  ERR_INVALID: "NAME:7: ..." or "NAME: host 'web-01': ...", for what
 * is no such file, an unknown column, a value that is not allowed and a name that is there twice.
 */
int server_rows_from_csv(const char *text, size_t len, const char *name, struct server_rows *ret,
                         struct err **err);
int server_rows_from_ansible(const char *text, size_t len, const char *name,
                             struct server_rows *ret, struct err **err);
int server_rows_from_json(const char *text, size_t len, const char *name, struct server_rows *ret,
                          struct err **err);
int server_rows_from_domains(const struct domain_list *l, const char *uri, struct server_rows *ret,
                             struct err **err);

struct server_import_options {
    const char *category; /* of new servers of which none is said; NULL: that is an error */
    bool dry_run;         /* only tell what would be */
};
struct server_import_report {
    size_t added, changed, unchanged;
};
/* ERR_CONFLICT for a server that is retired. */
int server_import(const struct site *site, const struct server_rows *rows,
                  const struct server_import_options *o, struct server_import_report *ret,
                  struct err **err);

/* Of the servers in service; the caller frees. */
char *server_export_csv(const struct site *site, struct err **err);
json_t *server_export_ansible(const struct site *site, struct err **err);
json_t *server_export_json(const struct site *site, struct err **err);

#endif
