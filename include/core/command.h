/* command - a program with arguments and a deadline, as image.yaml and testcase.yaml write it:
 *     ready: {command: [/usr/bin/true], timeout: 60s} */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdint.h>

#include "base/decode.h"
#include "base/json.h"
#include "base/str.h"

struct command {
    struct strv argv;
    int64_t timeout_ms;
};

/* For a FIELD_CUSTOM row. */
int command_decode(const struct decoder *d, const struct node *n, const char *path, void *target,
                   struct err **err);
json_t *command_json(const struct command *c); /* null when argv is empty */
void command_from_json(const json_t *j, struct command *ret);
void command_release(struct command *c);

#endif
