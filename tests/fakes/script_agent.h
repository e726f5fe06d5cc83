/*
 * script_agent - a guest agent that is asked what the test expects, in this order, and answers as
 * it says.  Time stands still but for pauses and for what `step_ms` and silence take.
 *
 *     const struct agent_line lines[] = { SPAWNED, ..., { 0 } };
 *     struct script_agent a;
 *     struct guest *g = script_agent_open(&a, lines);
 *     g->ops->exec(g, ...);
 *     a.next, a.last, a.args, a.files
 *     script_agent_close(&a, g);
 *
 * A command that is not the next one fails the test.
 */
#ifndef FAKES_SCRIPT_H
#define FAKES_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "ports/guest.h"

struct agent_line {
    const char *name;
    const char *reply;
    int err; /* instead of a reply; a silent agent takes all the time it has */
};

struct script_agent {
    const struct agent_line *lines;
    size_t next;
    int64_t step_ms; /* what each command takes; 10 */
    int spawned;
    const char *last;  /* what was started last: "perl" or "sh" */
    char *path;        /* of the last command that had one */
    struct strv args;  /* its arguments */
    struct strv files; /* what was asked of files: "MODE PATH", the bytes in base64 */
};

extern int64_t script_agent_now; /* the wall clock and the other one, from 0 on */

struct guest *script_agent_open(struct script_agent *a, const struct agent_line *lines);
void script_agent_close(struct script_agent *a, struct guest *g);

int script_agent_teardown(void **state); /* of each test: the real clock is back */

/* clang-format off */
#define PONG { "guest-ping", "{\"return\":{}}", 0 }
#define SPAWNED { "guest-exec", "{\"return\":{\"pid\":7}}", 0 }
#define RUNNING \
    (struct agent_line) { "guest-exec-status", "{\"return\":{\"exited\":false}}", 0 }
#define OPENED { "guest-file-open", "{\"return\":1000}", 0 }
#define ABSENT \
    { "guest-file-open", "{\"error\":{\"desc\":\"x: No such file or directory\"}}", 0 }
#define READ(b64) \
    { "guest-file-read", "{\"return\":{\"buf-b64\":\"" b64 "\",\"count\":1}}", 0 }
#define READ_END \
    { "guest-file-read", "{\"return\":{\"buf-b64\":\"\",\"count\":0,\"eof\":true}}", 0 }
#define WROTE(n) { "guest-file-write", "{\"return\":{\"count\":" #n ",\"eof\":false}}", 0 }
#define CLOSED { "guest-file-close", "{\"return\":{}}", 0 }
/* clang-format on */

/* The reply about a runner that has ended and printed this; the caller frees. */
char *script_agent_exited(const char *out);

#endif
