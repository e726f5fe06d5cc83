/* qga_wire - single commands of the agent protocol; what qga_exec.c and qga.c are made of. */
#ifndef ADAPTERS_QGA_WIRE_H
#define ADAPTERS_QGA_WIRE_H

#include "adapters/qga.h"
#include "base/json.h"

struct qga {
    struct guest base;
    struct qga_channel channel;
    const struct stop *stop;
    int64_t quickest_ms; /* of its commands so far; 0: none yet */
    unsigned serial;     /* names the scratch directories of commands */
    bool mounted;        /* the payload disc, since the last boot */
    bool no_perl;        /* the shell oversees its commands */
};

/* Sends {"execute": name, "arguments": args} (takes `args`, may be NULL) and returns the
 * "return" member, owned by the caller.  An error reply of the agent is ERR_IO, or
 * ERR_NOT_FOUND when it says that there is no such file. */
json_t *qga_call(struct qga *g, const char *name, json_t *args, int64_t timeout_ms,
                 struct err **err);

/* The bytes of a base64 member, cut off at `max` by an error; "" when absent.  The caller frees. */
char *qga_base64(const json_t *reply, const char *key, size_t max, size_t *ret_len,
                 struct err **err);

/* guest-exec of argv with an environment, without waiting; *ret_pid. */
int qga_spawn(struct qga *g, const char *const *argv, const char *const *env, int64_t *ret_pid,
              struct err **err);

/* One look at a process: 1 it has ended, and *ret_out is its stdout, the caller's; 0 not yet. */
int qga_status(struct qga *g, int64_t pid, int *ret_code, char **ret_out, size_t *ret_len,
               struct err **err);

/* How long to wait before the next look at what began `elapsed_ms` ago.  Each look costs the guest
 * some 5 ms. */
int64_t qga_pause(int64_t elapsed_ms);

/* Polls until the process has ended or the time is over (ERR_TIMEOUT); *ret_out is its stdout,
 * the caller's. */
int qga_wait_exit(struct qga *g, int64_t pid, int64_t timeout_ms, int *ret_code, char **ret_out,
                  size_t *ret_len, struct err **err);

/* A file from `offset` on, at most `max` bytes, appended to `ret`. */
int qga_read(struct qga *g, const char *path, int64_t offset, size_t max, struct str *ret,
             struct err **err);

/* Writes over a file that is there. */
int qga_overwrite(struct qga *g, const char *path, const void *data, size_t len, struct err **err);

/* The boot id of the guest's kernel; the caller frees. */
char *qga_boot_id(struct qga *g, struct err **err);

/* Runs a short command whose failure is ours, not the patch's. */
int qga_run_short(struct qga *g, const char *const *argv, int64_t timeout_ms, struct err **err);

/* The command of ports/guest.h, in qga_exec.c. */
int qga_exec(struct guest *g, const struct guest_exec *x, struct guest_result *ret,
             struct err **err);

#endif
