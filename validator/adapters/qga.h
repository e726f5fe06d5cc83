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

/*
 * For saving and restoring a guest's memory, in qga_warm.c.
 *
 * qga_settle() makes the guest shed its page cache and leaves the agent idle; *ret_boot_id names
 * this boot.  qga_resume() waits for the agent of a restored guest, makes sure that it is still in
 * that boot, and sets its clock.
 */
int qga_settle(struct guest *g, char **ret_boot_id, struct err **err);
int qga_resume(struct guest *g, const char *boot_id, int64_t timeout_ms, struct err **err);

struct guest *qga_new(const struct qga_channel *channel, const struct stop *stop);
void qga_free(struct guest *g);

#endif
