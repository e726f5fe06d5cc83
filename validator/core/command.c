/* A program with arguments and a deadline; see command.h. */
#include "core/command.h"

#include <stdlib.h>

#include "base/mem.h"

enum { COMMAND_TIMEOUT_MS = 60 * 1000, COMMAND_TIMEOUT_MAX_MS = 60 * 60 * 1000 };

int command_decode(const struct decoder *d, const struct node *n, const char *path, void *target,
                   struct err **err)
{
    static const struct field fields[] = {
        { "command", FIELD_TEXTS, offsetof(struct command, argv), .required = true },
        { "timeout", FIELD_DURATION, offsetof(struct command, timeout_ms), .min = 1000,
          .max = COMMAND_TIMEOUT_MAX_MS },
        { 0 },
    };
    struct command *c = target;

    c->timeout_ms = COMMAND_TIMEOUT_MS;
    if (decode_map(d, n, path, fields, c, err) < 0)
        return -1;
    if (c->argv.len == 0)
        return decode_error(d, n, path, err, "expected a command of at least one word");
    return 0;
}

json_t *command_json(const struct command *c)
{
    if (c->argv.len == 0)
        return json_null();
    return json_pack("{s:o, s:I}", "argv", json_strv(&c->argv), "timeout_ms",
                     (json_int_t)c->timeout_ms);
}

void command_from_json(const json_t *j, struct command *ret)
{
    json_t *argv = json_object_get(j, "argv"), *word;
    size_t i;

    json_array_foreach(argv, i, word)
    {
        if (json_is_string(word))
            strv_add(&ret->argv, json_string_value(word));
    }
    ret->timeout_ms = json_int_at(j, "timeout_ms");
}

void command_release(struct command *c)
{
    strv_release(&c->argv);
    *c = (struct command){ 0 };
}
