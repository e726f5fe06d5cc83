/*
 * server - the inventory: the machines that patches are for.
 *
 *     server_row_name(), server_row_set() ...    what somebody says of a server, checked
 *     server_add(), server_set()                 one of them
 *     server_import()                            many, all or nothing (server_import.h)
 *     server_retire(), server_return()           a row is never deleted: records refer to it
 *
 * A name is name_is_valid(); capital letters are taken as small ones, as in the DNS.  Each change
 * is in the server's history, which is append-only: who, when, what it was before and after.
 *
 * An image stands for the servers that name it here, and for those that its own description names,
 * unless the inventory says of them that they are retired or have another image (view
 * image_server).  When the image of a server changes, or it is retired, what waits for it on the
 * queue is held: it was tested for something else.
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct err;
struct site;
struct store;

/* The columns but for the name, in the order of every listing; server_fields[] describes them. */
enum server_field {
    SERVER_CATEGORY,
    SERVER_IMAGE,
    SERVER_OWNER,
    SERVER_SUPPORT,
    SERVER_USERS,
    SERVER_LOCATION,
    SERVER_PURPOSE,
    SERVER_EXPOSURE,
    SERVER_DATA_VALUE,
    SERVER_REDUNDANCY,
    SERVER_WINDOW,
    SERVER_LAST_PATCHED,
    SERVER_TICKET,
    SERVER_FIELDS,
};

struct server_field_spec {
    const char *name;         /* of the column: in CSV, JSON, Ansible variables and the store */
    const char *const *words; /* what it may be; NULL: anything that `check` lets pass */
    int (*check)(const char *text, struct err **err); /* NULL: text of one line */
};
extern const struct server_field_spec server_fields[SERVER_FIELDS];

extern const char *const exposure_names[];   /* from "internet", the widest, to "isolated"; NULL */
extern const char *const data_value_names[]; /* "low", "moderate", "high", NULL: FIPS 199 */
extern const char *const redundancy_names[]; /* "none", "standby", "cluster", NULL */

#define SERVER_TEXT_MAX 512 /* bytes of a field */

/* The index of a field's name, or -1. */
int server_field_of(const char *name);

/* --- what somebody says ---------------------------------------------------------------------- */

struct server_row {
    char *name;
    char *where;                /* "servers.csv:7", for messages and the history; may be NULL */
    char *value[SERVER_FIELDS]; /* NULL: not said; "": it shall have none */
};
/* ERR_INVALID tells what was expected.  Blanks around a value are cut off; words may be written
 * with capitals. */
int server_row_name(struct server_row *r, const char *text, struct err **err);
int server_row_set(struct server_row *r, enum server_field f, const char *text, struct err **err);
void server_row_release(struct server_row *r);
#define AUTO_SERVER_ROW __attribute__((cleanup(server_row_release))) struct server_row

/* --- what is stored -------------------------------------------------------------------------- */

struct server {
    int64_t id;
    char *name;
    char *value[SERVER_FIELDS]; /* NULL: not known */
    char *package_list;         /* blob; NULL: its image's counts; server_facts.h */
    char *facts;                /* canonical JSON; NULL: nobody has told */
    int64_t facts_at, created, changed;
    int64_t retired; /* 0: in service */
};
void server_release(struct server *s);
#define AUTO_SERVER __attribute__((cleanup(server_release))) struct server

/* ERR_CONFLICT when there is one of this name, ERR_INVALID without a category. */
int server_add(const struct site *site, const struct server_row *r, struct err **err);
/* ERR_CONFLICT when it is retired.  *ret_changed: something is other than it was. */
int server_set(const struct site *site, const struct server_row *r, bool *ret_changed,
               struct err **err);
/* `reason` may be NULL.  ERR_CONFLICT when it is so already. */
int server_retire(const struct site *site, const char *name, const char *reason, struct err **err);
int server_return(const struct site *site, const char *name, struct err **err);

int server_find(const struct site *site, const char *name, struct server *ret, struct err **err);

/* Sorted by name; NULL: any.  Stops at the first -1. */
struct server_filter {
    const char *category, *image;
    bool retired_too;
};
int server_each(const struct site *site, const struct server_filter *f,
                int (*each)(void *arg, const struct server *s, struct err **err), void *arg,
                struct err **err);
json_t *server_list(const struct site *site, const struct server_filter *f, struct err **err);
json_t *server_json(const struct server *s); /* docs/formats.md, 'server' */

/* [{"at", "by", "action", "origin", "changes": {field: [before, after]}}], the first one first. */
json_t *server_history(const struct site *site, int64_t id, struct err **err);

/* --- whom an image stands for ---------------------------------------------------------------- */

/* [{"name", "category", "exposure", "packages"}], sorted by name; category and exposure are null
 * for one that only the image names, `packages` is its own list (a blob) or null. */
json_t *server_list_of_image(const struct site *site, int64_t image, struct err **err);

/* {digest: [{"name", "category", "exposure", "packages"}]}: the lists that servers in service told
 * themselves, and who told each. */
json_t *server_lists(const struct site *site, struct err **err);

#endif
