/* server_work - what the files of the inventory share. */
#ifndef VALIDATOR_CORE_SERVER_WORK_H
#define VALIDATOR_CORE_SERVER_WORK_H

#include <stdint.h>

#include "base/json.h"
#include "core/server.h"

struct query;

/* Many rows in one transaction: statements are prepared once. */
struct server_writer {
    struct store *tx;
    const char *by;
    struct query *find;
};
void server_writer_release(struct server_writer *w);
#define AUTO_SERVER_WRITER __attribute__((cleanup(server_writer_release))) struct server_writer

/* 1: there is one, in service or not; 0: none; -1. */
int server_look_up(struct server_writer *w, const char *name, struct server *ret, struct err **err);

enum server_put { SERVER_SAME, SERVER_ADDED, SERVER_CHANGED };

int server_insert(struct server_writer *w, const struct server_row *r, struct err **err);
/* `s` is what there is; ERR_CONFLICT when it is retired. */
int server_update(struct server_writer *w, const struct server *s, const struct server_row *r,
                  enum server_put *ret, struct err **err);

/* [before, after] of one field, for `changes` of server_record(). */
json_t *server_change(const char *before, const char *after);

/* `changes` is not taken; `origin` may be NULL. */
int server_record(struct server_writer *w, int64_t id, const char *action, const char *origin,
                  const json_t *changes, struct err **err);

#endif
