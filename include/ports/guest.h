/*
 * guest - what the core may ask of the operating system inside a running clone.
 *
 * Everything a guest says is hostile: sized, and text goes through str_printable() or
 * str_to_utf8() before a person or a record sees it.
 *
 * Errors of every call: ERR_GUEST when the guest is gone (panicked, off) or its agent did not
 * answer within the deadline; ERR_CANCELLED when the stop was raised; ERR_IO when the lab itself
 * failed.  A command that ran and failed is not an error: look at the result.
 *
 * A guest belongs to its clone (lab.h): one thread at a time, freed with the clone.
 */
#ifndef PORTS_GUEST_H
#define PORTS_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct err;
struct guest;

struct guest_exec {
    const char *const *argv; /* NULL-terminated; argv[0] an absolute path in the guest */
    const char *const *env;  /* extra "NAME=value", NULL-terminated; may be NULL */
    const char *cwd;         /* NULL: "/" */
    const char *user;        /* NULL: root */
    /* Name of a variable: the path of a fresh directory which the user may write, and which is
     * removed afterwards; NULL: none. */
    const char *scratch;
    const char *report; /* a file that the command leaves in there, by its path; NULL: none */
    size_t report_max;  /* kept bytes of it */
    int64_t timeout_ms; /* when it passes, the command and all that it started are killed */
    size_t output_max;  /* kept bytes of stdout and stderr together; the rest is only counted */
};

struct guest_result {
    int exit_code; /* 0-255, or 128 + signal; meaningless when timed_out */
    bool timed_out;
    struct str output;    /* stdout and stderr as they came */
    int64_t output_total; /* bytes the command printed */
    struct str report;    /* what the command left; empty when there is no such regular file */
    int64_t report_total; /* bytes that it has; -1: there is none */
    int64_t duration_ms;  /* in the guest, without the way there and back */
};

/* A file of the guest's memory that one user alone can read, and nobody write. */
struct guest_file {
    const char *path; /* absolute, of plain characters; its directories are made */
    const char *user; /* NULL: root; one that the guest does not have: root, too */
    const void *data;
    size_t len;
};

struct guest_ops {
    const char *name;
    /* Until the agent answers. */
    int (*wait)(struct guest *g, int64_t timeout_ms, struct err **err);
    int (*exec)(struct guest *g, const struct guest_exec *x, struct guest_result *ret,
                struct err **err);
    /* At most `max` bytes of a guest file; *ret_text is the caller's.  ERR_NOT_FOUND. */
    int (*read_file)(struct guest *g, const char *path, size_t max, char **ret_text,
                     size_t *ret_len, struct err **err);
    /* Writes files, in place of what is there.  Their bytes are in no argument and on no disk when
     * the directory is in memory, such as one below /run. */
    int (*write_files)(struct guest *g, const struct guest_file *files, size_t n, struct err **err);
    /* Asks for an orderly reboot and waits until the agent answers from another boot. */
    int (*reboot)(struct guest *g, int64_t timeout_ms, struct err **err);
    /* Mounts the clone's payload disc read-only; *ret_dir is where, owned by the guest. */
    int (*mount_payload)(struct guest *g, const char **ret_dir, struct err **err);
};

/* An implementation starts with this. */
struct guest {
    const struct guest_ops *ops;
};

void guest_result_release(struct guest_result *r);
#define AUTO_GUEST_RESULT __attribute__((cleanup(guest_result_release))) struct guest_result

#endif
