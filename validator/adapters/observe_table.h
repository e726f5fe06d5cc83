/*
 * observe_table - what is looked at in a guest: for each observer a piece of shell and the reader
 * of what it prints.
 *
 * All pieces are one script and one command in the guest.  It prints what wc(1) says of the sizes
 * of all sections, "BYTES NAME\n" each and "BYTES total\n", the sections in the same order, and
 * "end\n".  A section is empty where there was nothing to ask.
 *
 * Adding an observer: one row here, and a reader when none of those that exist fits.
 */
#ifndef VALIDATOR_ADAPTERS_OBSERVE_TABLE_H
#define VALIDATOR_ADAPTERS_OBSERVE_TABLE_H

#include <stddef.h>

struct err;
struct observation;
struct seen;

struct observe_text {
    char *ptr; /* writable, NUL-terminated at .len; the reader may cut it up */
    size_t len;
};

/* What the readers of one observation share. */
struct observe_work {
    struct observation *ret;
    long long since; /* guest time in seconds: what changed later was touched */
    /* Sections that are read together with another one. */
    struct observe_text merged, digests, holders, names;
};

struct observer {
    const char *name;
    const char *title;  /* for people */
    const char *script; /* NULL: its section is written by what comes before all others */
    int (*read)(const struct observer *o, struct observe_work *w, struct observe_text text,
                struct err **err);
    const char *kind; /* of its items */
};

extern const struct observer observers[];
extern const size_t observer_count;

/* "sh -c SCRIPT patchlab-observe SECONDS": the caller frees. */
char *observe_script(void);

#define OBSERVE_READER(name) \
    int name(const struct observer *o, struct observe_work *w, struct observe_text text, \
             struct err **err)
OBSERVE_READER(observe_columns);  /* "key<TAB>value" */
OBSERVE_READER(observe_units);    /* systemctl list-units */
OBSERVE_READER(observe_accounts); /* passwd, group */
OBSERVE_READER(observe_sysctl);   /* grep -H "" of /proc/sys */
OBSERVE_READER(observe_modules);  /* /proc/modules */
OBSERVE_READER(observe_config);   /* "tool<TAB>line" */
OBSERVE_READER(observe_journal);  /* journalctl -o short --no-hostname */
OBSERVE_READER(observe_sockets);  /* grep -H "" of /proc/net, with .holders and .names */
OBSERVE_READER(observe_owners);   /* "PACKAGE.list:PATH", with .merged */
OBSERVE_READER(observe_files);    /* find -printf */
OBSERVE_READER(observe_since);    /* the moment after which a change counts as a touch */
OBSERVE_READER(observe_keep);     /* for a later reader */

/* When all sections are read and the items sorted: .digests belong to files among them. */
int observe_digests(struct observe_work *w, struct err **err);

/* The next line, cut off at its end; NULL: no more. */
char *observe_line(struct observe_text *text);

/* Adds an item of any bytes: made UTF-8, too long ones shortened. */
struct seen *observe_add(struct observe_work *w, const char *kind, const char *key,
                         const char *value);

#endif
