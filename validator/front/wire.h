/*
 * wire - the only place that knows both the core and the adapters: it fills a site.
 *
 * Calling sequence: wire_open() -> wire_site(), wire_lab() ... -> wire_close().  Opening makes the
 * state directory when it is absent, raises the site's stop on signals, and closes runs whose
 * process was killed.  The lab is opened when it is first asked for, before any thread starts.
 */
#ifndef FRONT_WIRE_H
#define FRONT_WIRE_H

#include <stdint.h>

#include "base/str.h"
#include "core/stage.h"
#include "core/site.h"

struct err;
struct wire;
struct lab;
struct stop;

/* `state`: from --state; NULL: $PATCHLAB_STATE, else /var/lib/patchlab for root,
 * $XDG_STATE_HOME/patchlab or ~/.local/state/patchlab for others. */
struct wire *wire_open(const char *state, struct err **err);
void wire_close(struct wire *w); /* NULL is fine */

const struct site *wire_site(const struct wire *w);
struct stop *wire_stop(struct wire *w); /* the site's: for a key that ends the command */
struct lab *wire_lab(struct wire *w, struct err **err);
const struct strv *wire_testcases(const struct wire *w); /* directories that are always looked at */
const char *wire_lab_dir(const struct wire *w);

/* What DIR/config.yaml says; docs/formats.md, 'config.yaml'. */
struct config {
    char *lab_uri;                    /* NULL: embedded */
    int lab_accel;                    /* index in accel_choices */
    int64_t lab_clones;               /* at once; 0: the lab's default */
    char *cache;                      /* NULL: the default */
    char *http_netrc;                 /* NULL: no credentials */
    char *http_ca;                    /* NULL: the system's certificates */
    int64_t http_timeout, http_stall; /* ms; 0: the default */
    int64_t http_attempts;            /* 0: the default */
    struct strv testcases;
    bool observe;              /* what changes beyond the checks; true by default */
    char *scan_scanner;        /* NULL: the default */
    int64_t scan_applications; /* 0: the default */
    char *params;              /* directory of params files by image; NULL: none */
    struct gates gates;        /* of the check points */
};
extern const char *const accel_choices[]; /* "auto", "kvm", "tcg", NULL */
const struct config *wire_config(const struct wire *w);

/* config.c: an absent file is an empty one. */
int config_read(const char *path, struct config *ret, struct err **err);
void config_release(struct config *c);

#endif
