/* server_rows - collecting what an import finds. */
#ifndef VALIDATOR_CORE_SERVER_ROWS_H
#define VALIDATOR_CORE_SERVER_ROWS_H

#include "core/server_import.h"

struct row_collector {
    struct server_rows rows;
    json_t *seen; /* name -> where */
};
void row_collector_release(struct row_collector *c);
#define AUTO_ROW_COLLECTOR __attribute__((cleanup(row_collector_release))) struct row_collector

/* Takes the row over when it succeeds; ERR_INVALID when its name is there already. */
int row_collector_add(struct row_collector *c, struct server_row *r, struct err **err);
void row_collector_finish(struct row_collector *c, struct server_rows *ret);

/* A member "owner": text, or null to clear it.  `what` is how messages call it. */
int server_row_set_json(struct server_row *r, enum server_field f, const json_t *value,
                        struct err **err);
/* A name that is no field; the hint lists those that are. */
int server_field_unknown(const char *name, const char *what, struct err **err);

#endif
