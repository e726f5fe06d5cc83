/* The command line: options' values, what every command shares, and the one place that prints
 * errors. */
#include "front/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/unit.h"
#include "base/version.h"
#include "front/status.h"
#include "front/wire.h"

/* Of err.h's codes, once and for all commands. */
static enum status status_of(enum err_code code)
{
    switch (code) {
    case ERR_INVALID:
    case ERR_NOT_FOUND:
        return STATUS_USAGE;
    case ERR_CONFLICT:
    case ERR_DENIED:
        return STATUS_REFUSED;
    case ERR_TIMEOUT:
    case ERR_IO:
    case ERR_CANCELLED:
    case ERR_GUEST:
    case ERR_NO_ROOM:
        return STATUS_BROKEN;
    case ERR_CORRUPT:
        return STATUS_INTERNAL;
    }
    return STATUS_INTERNAL;
}

const char *cli_opt(const struct cli *c, const char *name)
{
    for (size_t i = c->given_count; i > 0; i--) {
        if (str_eq(c->given[i - 1].option->name, name))
            return c->given[i - 1].value ? c->given[i - 1].value : "";
    }
    return NULL;
}

bool cli_flag(const struct cli *c, const char *name)
{
    return cli_opt(c, name) != NULL;
}

void cli_opts(const struct cli *c, const char *name, struct strv *ret)
{
    for (size_t i = 0; i < c->given_count; i++) {
        if (str_eq(c->given[i].option->name, name))
            strv_add(ret, c->given[i].value);
    }
}

int cli_opt_duration(const struct cli *c, const char *name, int64_t fallback_ms, int64_t *ret,
                     struct err **err)
{
    const char *text = cli_opt(c, name);

    if (!text) {
        *ret = fallback_ms;
        return 0;
    }
    return unit_parse_duration(text, ret, err) < 0 ? err_wrap(err, "option '--%s'", name) : 0;
}

int cli_opt_int(const struct cli *c, const char *name, int64_t fallback, int64_t min, int64_t max,
                int64_t *ret, struct err **err)
{
    const char *text = cli_opt(c, name);

    if (!text) {
        *ret = fallback;
        return 0;
    }
    return unit_parse_int(text, min, max, ret, err) < 0 ? err_wrap(err, "option '--%s'", name) : 0;
}

int cli_name(const char *what, const char *text, const char *const *names, int *ret,
             struct err **err)
{
    int index = str_index(names, text);
    AUTO_STRV all = { 0 };

    if (index >= 0) {
        *ret = index;
        return 0;
    }
    for (int i = 0; names[i]; i++)
        strv_add(&all, names[i]);
    AUTO_FREE char *list = strv_join(&all, ", ");
    AUTO_FREE char *shown = str_printable(text, strlen(text), false);
    return err_set(err, ERR_INVALID, "%s: expected one of %s, found '%s'", what, list, shown);
}

int cli_opt_name(const struct cli *c, const char *name, const char *const *names, int *ret,
                 struct err **err)
{
    const char *text = cli_opt(c, name);
    AUTO_FREE char *what = xasprintf("option '--%s'", name);

    return text ? cli_name(what, text, names, ret, err) : 0;
}

int cli_opt_need(const struct cli *c, const char *name, const char **ret, struct err **err)
{
    const char *value = cli_opt(c, name);

    if (!value || !*value) {
        err_set(err, ERR_INVALID, "'%s' needs the option '--%s'", c->command->words, name);
        return err_hint(err, "'patchlab %s --help' explains it", c->command->words);
    }
    *ret = value;
    return 0;
}

int cli_arg_id(const struct cli *c, int index, const char *what, int64_t *ret, struct err **err)
{
    if (unit_parse_int(c->args[index], 1, INT64_MAX, ret, err) < 0)
        return err_wrap(err, "the number of a %s", what);
    return 0;
}

struct wire *cli_wire(struct cli *c, struct err **err)
{
    if (!c->wire)
        c->wire = wire_open(cli_opt(c, "state"), err);
    return c->wire;
}

bool cli_json(const struct cli *c, const json_t *j)
{
    if (!cli_flag(c, "json"))
        return false;
    AUTO_FREE char *text = json_pretty(j);
    fputs(text, stdout);
    return true;
}

static void print_error(const struct err *e)
{
    AUTO_FREE char *text = str_printable(e->msg, strlen(e->msg), false);

    fprintf(stderr, "patchlab: %s\n", text);
    if (e->hint)
        fprintf(stderr, "  hint: %s\n", e->hint);
}

static int dispatch(struct cli *c, struct err **err)
{
    const char *debug = cli_opt(c, "debug");

    if (!debug)
        debug = getenv("PATCHLAB_DEBUG");
    if (debug && log_select(debug, err) < 0)
        return err_wrap(err, "option '--debug'");
    if (cli_flag(c, "version")) {
        puts("patchlab " PATCHLAB_VERSION);
        return STATUS_DONE;
    }
    if (!c->command) {
        cli_help(c->noun);
        return cli_flag(c, "help") ? STATUS_DONE : STATUS_USAGE;
    }
    if (cli_flag(c, "help")) {
        cli_help_command(c->command);
        return STATUS_DONE;
    }
    return c->command->run(c, err);
}

/* What was printed counts only when it arrived, or when the reader wanted no more. */
static int flush(int status, struct err **err)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE)
        return err_set(err, ERR_IO, "cannot write to standard output");
    return status;
}

int cli_main(int argc, char **argv)
{
    struct cli c = { 0 };
    AUTO_ERR e = NULL;

    /* A reader that goes away, as `head` does, must not end us between two clones. */
    signal(SIGPIPE, SIG_IGN);
    int status = cli_parse(&c, argc, argv, &e);
    if (status == 0)
        status = dispatch(&c, &e);
    if (status >= 0)
        status = flush(status, &e);
    if (status < 0) {
        print_error(e);
        status = (int)status_of(e->code);
    }
    wire_close(c.wire);
    cli_release(&c);
    return status;
}
