/* lv_clone - one clone, as lv_clone.c (its life), lv_console.c, lv_save.c and lv_restore.c share
 * it. */
#ifndef ADAPTERS_LV_CLONE_H
#define ADAPTERS_LV_CLONE_H

#include "adapters/lv_lab.h"

struct lv_saved;
struct qga_rest;

struct lv_clone {
    struct clone base;
    struct lv_lab *lab;
    struct clone_spec spec;
    virDomainPtr domain;
    char *name, *uuid;    /* of the domain */
    char *dir;            /* the clone's own, with all that follows: */
    char *disk, *nvram;   /* nvram: only with UEFI */
    char *console, *line; /* the log of the serial console, the socket it listens at */
    char *agent;          /* the socket of the guest agent; libvirt's own choice is a long path */
    char *base_disk;      /* what spec.disk points at once the clone runs */
    bool has_payload;
    int sink; /* the socket at the end of the network cable */
    int sink_port;
    int permit; /* see lab_permit.h */
    pid_t qemu; /* the embedded driver's process; 0: not known */
    char *why_cold;
};

/* A clone that has not started; the operation destroy() frees it. */
struct lv_clone *lv_clone_alloc(struct lv_lab *l, const struct clone_spec *spec, struct err **err);

/* Its spec belongs to it from now on; the caller's strings may end. */
void lv_clone_keep_spec(struct lv_clone *c);

/* A guest that nobody has talked to yet, in place of the one before, whose waits look at `stop`. */
void lv_clone_new_guest(struct lv_clone *c, const struct stop *stop);

/* The clone's directory, with an overlay on `base`. */
int lv_clone_files(struct lv_clone *c, const char *base, struct err **err);

/* To be called when the domain runs. */
void lv_clone_adopt(struct lv_clone *c);

/* console() and console_open() of ports/lab.h; the check is of the socket's path. */
char *lv_console(struct clone *clone, size_t max, size_t *ret_len);
int lv_console_open(struct clone *clone, struct err **err);
int lv_console_check(const char *path, struct err **err);

/* save() of ports/lab.h. */
int lv_save(struct clone *clone, const char *dir, struct err **err);

/* Starts the clone from spec.warm, until its agent answers.  On error the caller clears what was
 * made so far. */
int lv_restore(struct lv_clone *c, struct err **err);

/* The same in two halves: a clone that has answered once and is paused, with what it is a copy of;
 * one that is awake. */
int lv_restore_paused(struct lv_clone *c, struct lv_saved *ret, struct err **err);
int lv_restore_wake(struct lv_clone *c, const struct qga_rest *rest, struct err **err);

#endif
