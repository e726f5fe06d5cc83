/* From argv to a command with options and arguments. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "front/cli.h"

static const char program[] = "patchlab"; /* stands for the command while none was read yet */

/* How many words of argv name this command; 0: it is another one. */
static int words_match(const struct cli_command *c, int argc, char **argv)
{
    const char *words = c->words;

    for (int n = 0; n < argc; n++) {
        size_t len = strcspn(words, " ");

        if (strlen(argv[n]) != len || strncmp(argv[n], words, len) != 0)
            return 0;
        if (!words[len])
            return n + 1;
        words += len + 1;
    }
    return 0;
}

static int unknown_command(int argc, char **argv, struct err **err)
{
    AUTO_FREE char *typed = argc > 1 && argv[1][0] != '-' ? xasprintf("%s %s", argv[0], argv[1])
                                                          : xstrdup(argv[0]);
    const char *nearest = NULL;
    size_t best = SIZE_MAX;

    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++) {
            size_t d = suggest_distance(typed, c->words);
            if (d < best) {
                best = d;
                nearest = c->words;
            }
        }
    }
    err_set(err, ERR_INVALID, "there is no command '%s'", typed);
    if (nearest && suggest_is_near(typed, best))
        return err_hint(err, "did you mean 'patchlab %s'", nearest);
    return err_hint(err, "'patchlab --help' lists the commands");
}

static bool is_noun(const char *words)
{
    size_t len = strlen(words);

    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++) {
            if (strncmp(c->words, words, len) == 0 && c->words[len] == ' ')
                return true;
        }
    }
    return false;
}

/* Of "image" or "patch source" without a verb behind it, how many words; 0: it is none. */
static int noun_alone(struct cli *c, int argc, char **argv)
{
    AUTO_FREE char *noun = xstrdup(argv[0]);

    for (int n = 1; is_noun(noun); n++) {
        if (n == argc || argv[n][0] == '-') {
            c->noun = TAKE(noun);
            return n;
        }
        char *longer = xasprintf("%s %s", noun, argv[n]);
        free(noun);
        noun = longer;
    }
    return 0;
}

static int find_command(struct cli *c, int argc, char **argv, struct err **err)
{
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *k = command_groups[g]; k->words; k++) {
            int n = words_match(k, argc, argv);
            if (n > 0) {
                c->command = k;
                return n;
            }
        }
    }
    return unknown_command(argc, argv, err);
}

static const struct option *find_in(const struct option *list, const char *name, size_t len)
{
    for (; list && list->name; list++) {
        if (strlen(list->name) == len && strncmp(list->name, name, len) == 0)
            return list;
    }
    return NULL;
}

/* `word` with its dashes, `len` without its value. */
static int unknown_option(const struct cli_command *c, const char *word, size_t len,
                          struct err **err)
{
    const struct option *lists[] = { c->options, global_options };
    AUTO_FREE char *typed = xstrndup(word, len);
    const char *name = typed + strspn(typed, "-");

    err_set(err, ERR_INVALID, "'%s' has no option '%s'", c->words, typed);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (const struct option *o = lists[i]; o && o->name; o++) {
            if (suggest_is_near(name, suggest_distance(name, o->name)))
                return err_hint(err, "did you mean '--%s'", o->name);
        }
    }
    if (str_eq(c->words, program))
        return err_hint(err, "'%s --help' lists its options", program);
    return err_hint(err, "'%s %s --help' lists its options", program, c->words);
}

/* One option at argv[*i], with its value behind '=' or in the next word. */
static int take_option(struct cli *c, int argc, char **argv, int *i, struct err **err)
{
    const char *name = argv[*i] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *o = find_in(c->command->options, name, len);

    if (!o)
        o = find_in(global_options, name, len);
    if (!o)
        return unknown_option(c->command, argv[*i], len + 2, err);
    if (!o->arg && equals)
        return err_set(err, ERR_INVALID, "option '--%s' takes no value", o->name);
    if (o->arg && !equals && *i + 1 >= argc)
        return err_set(err, ERR_INVALID, "option '--%s' needs a value: %s", o->name, o->arg);
    const char *value = equals ? equals + 1 : o->arg ? argv[++*i] : NULL;
    c->given[c->given_count++] = (struct given){ .option = o, .value = value };
    return 0;
}

static int check_count(const struct cli *c, struct err **err)
{
    const struct cli_command *k = c->command;

    if (cli_flag(c, "help"))
        return 0;
    if (c->arg_count < k->min_args)
        err_set(err, ERR_INVALID, "'%s' needs %s", k->words, k->args);
    else if (k->max_args >= 0 && c->arg_count > k->max_args)
        err_set(err, ERR_INVALID, "'%s' does not know what to do with '%s'", k->words,
                c->args[k->max_args]);
    else
        return 0;
    return err_hint(err, "usage: patchlab %s%s%s", k->words, *k->args ? " " : "", k->args);
}

/* Global options may stand in front of the command, too. */
static int take_leading(struct cli *c, int argc, char **argv, struct err **err)
{
    static const struct cli_command none = { .words = program, .args = "" };
    int i = 1;

    c->command = &none;
    for (; i < argc && str_starts(argv[i], "--"); i++) {
        if (take_option(c, argc, argv, &i, err) < 0)
            return -1;
    }
    return i;
}

/* A noun without a verb, and the options behind it: its help is wanted. */
static int take_noun(struct cli *c, int argc, char **argv, int i, struct err **err)
{
    const struct cli_command noun = { .words = c->noun, .args = "" };
    int rc = 0;

    c->command = &noun;
    for (; i < argc && rc == 0; i++) {
        if (str_starts(argv[i], "--")) {
            rc = take_option(c, argc, argv, &i, err);
        } else if (argv[i][0] == '-') {
            rc = unknown_option(c->command, argv[i], strlen(argv[i]), err);
        } else {
            err_set(err, ERR_INVALID, "'%s' does not know what to do with '%s'", c->noun, argv[i]);
            rc = err_hint(err, "its verb comes first: patchlab %s VERB [OPTION]...", c->noun);
        }
    }
    c->command = NULL;
    return rc;
}

int cli_parse(struct cli *c, int argc, char **argv, struct err **err)
{
    c->given = xcalloc((size_t)argc + 1, sizeof(*c->given));
    c->args = xcalloc((size_t)argc + 1, sizeof(*c->args));
    int i = take_leading(c, argc, argv, err);
    if (i < 0)
        return -1;
    if (i >= argc) {
        c->command = NULL;
        return 0;
    }
    int words = noun_alone(c, argc - i, argv + i);
    if (words > 0)
        return take_noun(c, argc, argv, i + words, err);
    words = find_command(c, argc - i, argv + i, err);
    if (words < 0)
        return -1;
    bool options = true;
    for (i += words; i < argc; i++) {
        if (options && str_eq(argv[i], "--"))
            options = false;
        else if (options && str_starts(argv[i], "--")) {
            if (take_option(c, argc, argv, &i, err) < 0)
                return -1;
        } else if (options && argv[i][0] == '-' && argv[i][1])
            return unknown_option(c->command, argv[i], strlen(argv[i]), err);
        else
            c->args[c->arg_count++] = argv[i];
    }
    return check_count(c, err);
}

void cli_release(struct cli *c)
{
    free(c->given);
    free(c->args);
    free(c->noun);
}
