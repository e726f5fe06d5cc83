/*
 * event - what happens in a run, as it happens: one stream for evidence, progress and scripts.
 *
 * Lane threads post events into a mailbox; the thread that owns the store takes them out, appends
 * those with `evidence` set to the chain, and hands all of them to the front.  Kinds and bodies:
 * docs/formats.md, 'evidence records'.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

struct event {
    const char *kind; /* a literal */
    json_t *body;
    bool evidence; /* false: only worth showing */
};

struct mailbox;
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *m);
void mailbox_post(struct mailbox *m, const char *kind, bool evidence,
                  json_t *body); /* takes body */
/* Waits up to `ms`; true: *ret is the caller's (json_decref its body). */
bool mailbox_take(struct mailbox *m, int64_t ms, struct event *ret);

#endif
