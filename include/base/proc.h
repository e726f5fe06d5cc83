/*
 * proc - the one way to run a child process.
 *
 * No shell, a clean environment (PATH, HOME, LC_ALL=C.UTF-8, TMPDIR and what `env` adds),
 * standard input from /dev/null or `input`, all other descriptors closed, a process group of its
 * own which is killed (TERM, then KILL after `grace_ms`) when the deadline passes or the stop is
 * raised.
 *
 * A child that ran and failed is not an error of proc_run(): look at `exit_code`.  Errors are:
 * it could not be started (ERR_NOT_FOUND names the missing program), the deadline (ERR_TIMEOUT),
 * the stop (ERR_CANCELLED).  `ret` is written only on success and may be NULL.
 *
 * Nothing that a command leaves running in its group outlives it; an output that such a process
 * keeps open is read for one more second.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct err;
struct stop;

struct proc_spec {
    const char *const *argv; /* NULL-terminated; argv[0] looked up in PATH */
    const char *const *env;  /* extra "NAME=value", NULL-terminated; may be NULL */
    const char *cwd;         /* NULL: as the parent */
    const void *input;       /* standard input; NULL: /dev/null */
    size_t input_len;
    size_t out_max, err_max; /* kept bytes of each stream (the rest is read and dropped) */
    int64_t timeout_ms;      /* > 0 */
    const struct stop *stop; /* may be NULL */
    int64_t grace_ms;        /* between TERM and KILL; 0: 2 s */
    /* Called with each complete line of stdout (without newline, at most 4096 bytes) as it comes;
     * '\r' ends a line, too.  May be NULL. */
    void (*on_line)(void *arg, const char *line);
    void *arg;
};

struct proc_result {
    int exit_code; /* 0-255, or 128 + signal */
    struct str out, err;
};

int proc_run(const struct proc_spec *spec, struct proc_result *ret, struct err **err);

/* As proc_run(), but an exit code other than 0 is an ERR_IO with the last line of stderr. */
int proc_run_ok(const struct proc_spec *spec, struct proc_result *ret, struct err **err);

void proc_result_release(struct proc_result *r);
#define AUTO_PROC_RESULT __attribute__((cleanup(proc_result_release))) struct proc_result

/* Was it started here and not buried yet?  For who buries what others have left to this process. */
bool proc_owns(pid_t pid);

/* Absolute path of a program in PATH plus /usr/sbin and /sbin, or NULL; the caller frees. */
char *proc_find(const char *name);

#endif
