/* Help and shell completion, from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "front/cli.h"

enum { COLUMN = 30 };

static void print_options(const struct option *o)
{
    for (; o && o->name; o++) {
        AUTO_FREE char *left = xasprintf("--%s%s%s", o->name, o->arg ? " " : "",
                                         o->arg ? o->arg : "");
        printf("  %-*s %s\n", COLUMN, left, o->help);
    }
}

static void print_statuses(void)
{
    puts("\nexit status:\n"
         "  0 done, verdict pass        1 verdict fail     2 usage or bad input\n"
         "  3 verdict review            4 lab broken       5 refused by policy or permission\n"
         "  6 internal error");
}

void cli_help_command(const struct cli_command *c)
{
    printf("usage: patchlab %s%s%s%s\n\n%s.\n", c->words, c->options ? " [OPTION]..." : "",
           *c->args ? " " : "", c->args, c->summary);
    if (c->details)
        printf("\n%s\n", c->details);
    if (c->options) {
        puts("\noptions:");
        print_options(c->options);
    }
    puts("\noptions of every command:");
    print_options(global_options);
    print_statuses();
}

static bool is_noun_of(const struct cli_command *c, const char *words)
{
    size_t len = strlen(words);

    return strncmp(c->words, words, len) == 0 && (c->words[len] == ' ' || !c->words[len]);
}

void cli_help(const char *words)
{
    if (!words)
        puts(
            "usage: patchlab COMMAND [OPTION]... [ARGUMENT]...\n\n"
            "Validates a candidate patch in clones of production-like virtual machines, keeps the\n"
            "evidence, collects sign-offs and hands what was approved to the rollout queue.\n");
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++) {
            AUTO_FREE char *left = xasprintf("%s%s%s", c->words, *c->args ? " " : "", c->args);
            if (!words || is_noun_of(c, words))
                printf("  %-*s %s\n", COLUMN, left, c->summary);
        }
    }
    if (words)
        return;
    puts("\noptions of every command:");
    print_options(global_options);
    print_statuses();
    puts("\n'patchlab COMMAND --help' tells more of one command.");
}

static void print_option_words(const struct option *o)
{
    for (; o && o->name; o++)
        printf(" --%s", o->name);
}

/* A line of the bash case statement for each command, longest first by the order of "*". */
int cli_complete(const struct cli *c)
{
    (void)c;
    puts("# bash completion of patchlab; made by 'patchlab completion'\n"
         "_patchlab()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} words=\"${COMP_WORDS[*]:1:2}\" list=\n"
         "    case $COMP_CWORD:$words in");
    printf("    1:*) list='");
    const char *last = "";
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *k = command_groups[g]; k->words; k++) {
            size_t noun = strcspn(k->words, " ");
            if (strncmp(last, k->words, noun) != 0 || (last[noun] && last[noun] != ' '))
                printf(" %.*s", (int)noun, k->words);
            last = k->words;
        }
    }
    puts("' ;;");
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *k = command_groups[g]; k->words; k++) {
            const char *verb = strchr(k->words, ' ');
            printf("    *:'%s'%s) list='", k->words, verb ? "" : "*");
            print_option_words(k->options);
            print_option_words(global_options);
            puts("' ;;");
        }
    }
    for (size_t g = 0; command_groups[g]; g++) {
        const struct cli_command *k = command_groups[g];
        size_t noun = strcspn(k->words, " ");
        if (!k->words[noun])
            continue;
        printf("    2:'%.*s '*|2:'%.*s') list='", (int)noun, k->words, (int)noun, k->words);
        for (; k->words; k++)
            printf(" %s", strchr(k->words, ' ') + 1);
        puts("' ;;");
    }
    puts("    esac\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$cur\")\n"
         "    [ -n \"$list\" ] && [ \"${cur#-}\" != \"$cur\" ] || [ \"$COMP_CWORD\" -le 2 ] ||\n"
         "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "}\n"
         "complete -F _patchlab patchlab");
    return 0;
}
