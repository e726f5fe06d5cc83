/*
 * qga - a guest (ports/guest.h) behind the QEMU guest agent's JSON protocol.
 *
 * The way to the agent is a channel of one function, so that units test everything here with a
 * scripted agent.  Limits: replies up to 4 MiB, so output beyond QGA_INLINE_MAX and files travel
 * in chunks of QGA_CHUNK bytes.
 */
#ifndef ADAPTERS_QGA_H
#define ADAPTERS_QGA_H

#include <stdint.h>

#include "ports/guest.h"

struct stop;

#define QGA_INLINE_MAX (512u << 10)
#define QGA_CHUNK (1u << 20)

struct qga_channel {
    /*
     * One command, one reply (the caller frees *ret_reply).  ERR_TIMEOUT: no agent answered in
     * `timeout_s`; ERR_GUEST: the VM itself is gone, and the message says how.
     */
    int (*command)(void *arg, const char *json, int timeout_s, char **ret_reply, struct err **err);
    void *arg;
};

/* What to know a saved guest by. */
struct qga_rest {
    char *nonce;
    int64_t waker; /* process that waits in the guest; 0: none, and the nonce is the boot id */
};
void qga_rest_release(struct qga_rest *r);
#define AUTO_QGA_REST __attribute__((cleanup(qga_rest_release))) struct qga_rest

/*
 * For saving and restoring a guest's memory, in qga_warm.c.
 *
 * qga_settle() makes the guest shed its page cache and leaves the agent idle.  qga_resume() waits
 * for the agent of a restored guest, makes sure that it goes on where it was saved, sets its clock
 * and gives its kernel fresh random bytes.
 *
 * qga_rehearse() is for a restored guest that will be paused and resumed later: it is asked what
 * qga_resume() will ask, and changes nothing in it.  An emulated guest is slow the first time.
 */
int qga_settle(struct guest *g, struct qga_rest *ret, struct err **err);
int qga_resume(struct guest *g, const struct qga_rest *r, int64_t timeout_ms, struct err **err);
int qga_rehearse(struct guest *g, const struct qga_rest *r, int64_t timeout_ms, struct err **err);

struct guest *qga_new(const struct qga_channel *channel, const struct stop *stop);
void qga_free(struct guest *g);

#endif
