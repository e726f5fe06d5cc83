/*
 * restarter - which processes of a guest use files that were replaced, and restarting them.
 *
 *     struct stale_list l = { 0 };
 *     restarter->stale(guest, &l, err)
 *     restarter->restart(guest, units, &result, err)      units of those that say `restarts`
 *
 * All text of a list is printable ASCII or valid UTF-8, of hostile origin.
 */
#ifndef PORTS_RESTARTER_H
#define PORTS_RESTARTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct guest;
struct guest_result;
struct strv;

/* A process that still maps a file which is deleted, or replaced by another one of its name. */
struct stale_process {
    int64_t pid;
    char *name;
    char *unit;    /* what the service manager knows it as; NULL: nothing that it says */
    char *file;    /* the first such file */
    bool restarts; /* its unit may be restarted */
};

struct stale_list { /* sorted by pid */
    struct stale_process *ptr;
    size_t len;
};

struct restarter {
    const char *name;
    /* Errors are those of a guest's exec(), and ERR_INVALID when what the guest says is not
     * understood. */
    int (*stale)(struct guest *g, struct stale_list *ret, struct err **err);
    /* One after the other, all of them.  The output of the result tells which could not be; its
     * exit status is 0 when all could.  ERR_INVALID: no such units. */
    int (*restart)(struct guest *g, const struct strv *units, struct guest_result *ret,
                   struct err **err);
};

/* Copies; `unit` may be NULL. */
void stale_list_add(struct stale_list *l, const struct stale_process *p);
void stale_list_sort(struct stale_list *l);
void stale_list_release(struct stale_list *l);
#define AUTO_STALE_LIST __attribute__((cleanup(stale_list_release))) struct stale_list

#endif
