/*
 * cli - the command line as data.
 *
 * A command is a row: words, arguments, options, one line of help, and the function that does it.
 * Parsing, --help, the man page's synopsis and shell completion all come from these rows.
 *
 * Adding a command: a row in the table of its noun's file (cmd_*.c), the function above it, a
 * section in docs/man/patchlab.1.pod (a test compares the two).
 */
#ifndef FRONT_CLI_H
#define FRONT_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"

struct err;
struct cli;
struct wire;

struct option {
    const char *name; /* without the dashes */
    const char *arg;  /* what stands for its value in the help; NULL: a flag */
    const char *help; /* one line */
};

struct cli_command {
    const char *words;      /* "image build", "validate" */
    const char *args;       /* "DIR", "RUN", "" */
    int min_args, max_args; /* max -1: any number */
    const char *summary;
    const char *details;                         /* more for --help; may be NULL */
    const struct option *options;                /* ends with a zero row; may be NULL */
    int (*run)(struct cli *c, struct err **err); /* an exit status (status.h), or -1 */
};

/* All commands, group by group: cli_table.c. */
extern const struct cli_command *const command_groups[];
extern const struct option global_options[];

struct given {
    const struct option *option;
    const char *value; /* of the command line; NULL for a flag */
};

struct cli {
    const struct cli_command *command; /* NULL: only options were given, or only a noun */
    char *noun;                        /* "image" without a verb: its help is shown */
    struct given *given;
    size_t given_count;
    const char **args;
    int arg_count;
    struct wire *wire; /* see cli_wire() */
};

/* The value of an option (the last one given) or NULL; for a flag "" or NULL. */
const char *cli_opt(const struct cli *c, const char *name);
bool cli_flag(const struct cli *c, const char *name);
void cli_opts(const struct cli *c, const char *name, struct strv *ret); /* every one given */

/* A value with its default, decoded; errors name the option. */
int cli_opt_duration(const struct cli *c, const char *name, int64_t fallback_ms, int64_t *ret,
                     struct err **err);
int cli_opt_int(const struct cli *c, const char *name, int64_t fallback, int64_t min, int64_t max,
                int64_t *ret, struct err **err);
/* Which of `names`, which end with NULL, it is; not given: *ret stays. */
int cli_opt_name(const struct cli *c, const char *name, const char *const *names, int *ret,
                 struct err **err);
int cli_opt_need(const struct cli *c, const char *name, const char **ret, struct err **err);

/* The same of any text; `what` stands in front of the message. */
int cli_name(const char *what, const char *text, const char *const *names, int *ret,
             struct err **err);

/* An argument that is the number of a run or queue entry. */
int cli_arg_id(const struct cli *c, int index, const char *what, int64_t *ret, struct err **err);

/* The opened state directory; NULL on error.  The cli closes it. */
struct wire *cli_wire(struct cli *c, struct err **err);

/* Prints the object as JSON when --json was given and says so by true. */
bool cli_json(const struct cli *c, const json_t *j);

int cli_main(int argc, char **argv);

/* cli_parse.c: finds the command and takes its options apart. */
int cli_parse(struct cli *c, int argc, char **argv, struct err **err);
void cli_release(struct cli *c);

/* cli_help.c */
void cli_help(const char *words);                   /* NULL: the overview */
void cli_help_command(const struct cli_command *c); /* one in full */
int cli_complete(const struct cli *c);              /* prints the completion script */

#endif
