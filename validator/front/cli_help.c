/* Help and shell completion, from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "front/cli.h"
#include "front/status.h"

enum { COLUMN = 30 };

/* --- help ----------------------------------------------------------------------------------- */

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

/* The length of "image" in "image build". */
static size_t noun_len(const char *words)
{
    return strcspn(words, " ");
}

static bool is_noun_of(const struct cli_command *c, const char *noun)
{
    size_t len = strlen(noun);

    return strncmp(c->words, noun, len) == 0 && (!c->words[len] || c->words[len] == ' ');
}

static void print_commands(const char *noun)
{
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++) {
            AUTO_FREE char *left = xasprintf("%s%s%s", c->words, *c->args ? " " : "", c->args);
            if (!noun || is_noun_of(c, noun))
                printf("  %-*s %s\n", COLUMN, left, c->summary);
        }
    }
}

void cli_help(const char *words)
{
    if (words)
        printf("usage: patchlab %s COMMAND [OPTION]... [ARGUMENT]...\n\n", words);
    else
        puts(
            "usage: patchlab COMMAND [OPTION]... [ARGUMENT]...\n\n"
            "Validates a candidate patch in clones of production-like virtual machines, keeps\n"
            "the evidence, collects sign-offs and hands what was approved to the rollout queue.\n");
    print_commands(words);
    if (!words) {
        puts("\noptions of every command:");
        print_options(global_options);
        print_statuses();
    }
    printf("\n'patchlab %s%sCOMMAND --help' tells more of one command.\n", words ? words : "",
           words ? " " : "");
}

/* --- completion ----------------------------------------------------------------------------- */

/* What a value of this kind is: a file, which bash can complete, or something it does not know. */
static bool names_file(const char *arg)
{
    return arg && (str_starts(arg, "DIR") || str_starts(arg, "FILE") || str_starts(arg, "PATH"));
}

static void add_valued(const struct option *o, bool files, struct strv *ret)
{
    for (; o && o->name; o++) {
        AUTO_FREE char *word = xasprintf("--%s", o->name);
        if (o->arg && (!files || names_file(o->arg)) && !strv_has(ret, word))
            strv_add(ret, word);
    }
}

/* "--spec | --state": a pattern that matches the options with a value, or with that of a file. */
static char *valued_pattern(bool files)
{
    AUTO_STRV words = { 0 };

    add_valued(global_options, files, &words);
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++)
            add_valued(c->options, files, &words);
    }
    strv_sort(&words);
    return strv_join(&words, " | ");
}

/* The words of the line in front of the cursor, without options; in `prev` the option whose value
 * is being typed. */
static void print_complete_words(void)
{
    AUTO_FREE char *valued = valued_pattern(false), *files = valued_pattern(true);

    printf("# bash completion of patchlab, made by 'patchlab completion'\n"
           "_patchlab()\n"
           "{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev='' words='' list='' files='' options i\n"
           "\n"
           "    COMPREPLY=()\n"
           "    [ \"$cur\" != = ] || cur=''\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case ${COMP_WORDS[i]} in\n"
           "            %s)\n"
           "                prev=${COMP_WORDS[i]}\n"
           "                i=$((i + 1))\n"
           "                [ \"${COMP_WORDS[i]}\" != = ] || i=$((i + 1))\n"
           "                [ $i -ge \"$COMP_CWORD\" ] || prev=''\n"
           "                ;;\n"
           "            -*) ;;\n"
           "            *) words+=\"${COMP_WORDS[i]} \" ;;\n"
           "        esac\n"
           "    done\n"
           "    case $prev in\n"
           "        '') ;;\n"
           "        %s) files=yes ;;\n"
           "        *) return ;;\n"
           "    esac\n",
           valued, files);
}

static void print_option_words(const struct option *o, const char *before, const char *after)
{
    for (; o->name; o++) {
        printf("%s--%s", before, o->name);
        before = " ";
    }
    fputs(after, stdout);
}

/* The word of `c` behind the first `len` bytes of `head`; NULL when it does not begin so. */
static const char *next_word(const struct cli_command *c, const char *head, size_t len)
{
    if (len == 0)
        return c->words;
    return strncmp(c->words, head, len) == 0 && c->words[len] == ' ' ? c->words + len + 1 : NULL;
}

/* Does a command in front of this one have the same next word?  Groups may share a noun. */
static bool was_there(const struct cli_command *upto, const char *head, size_t len)
{
    const char *word = next_word(upto, head, len);
    size_t n = noun_len(word);

    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++) {
            const char *next = next_word(c, head, len);
            if (c == upto)
                return false;
            if (next && noun_len(next) == n && strncmp(next, word, n) == 0)
                return true;
        }
    }
    return false;
}

/* The words that may follow the first `len` bytes of `head`, each once. */
static void print_next_words(const char *head, size_t len)
{
    const char *before = "";

    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *c = command_groups[g]; c->words; c++) {
            const char *next = next_word(c, head, len);
            if (!next || was_there(c, head, len))
                continue;
            printf("%s%.*s", before, (int)noun_len(next), next);
            before = " ";
        }
    }
}

/* What may follow no word at all: each noun once, in the order of the groups. */
static void print_complete_nouns(void)
{
    print_option_words(global_options, "    options='", "'\n");
    fputs("    case $words in\n        '') list='", stdout);
    print_next_words("", 0);
    puts("' ;;");
}

/* What may follow the noun of a group: "image", "patch source". */
static void print_complete_noun(const struct cli_command *group, size_t len)
{
    printf("        '%.*s ') list='", (int)len, group->words);
    print_next_words(group->words, len);
    puts("' ;;");
}

/* What may follow a noun, and each whole command.  Where groups share a noun, the first line
 * counts, and it is the same. */
static void print_complete_group(const struct cli_command *group)
{
    const char *space = strchr(group->words, ' ');

    for (; space; space = strchr(space + 1, ' '))
        print_complete_noun(group, (size_t)(space - group->words));
    for (const struct cli_command *c = group; c->words; c++) {
        bool files = names_file(c->args);
        if (!c->options && !files)
            continue;
        printf("        '%s '*)", c->words);
        if (c->options)
            print_option_words(c->options, " options+=' ", "'");
        puts(files ? " files=yes ;;" : " ;;");
    }
}

int cli_complete(const struct cli *c)
{
    (void)c;
    print_complete_words();
    print_complete_nouns();
    for (size_t g = 0; command_groups[g]; g++)
        print_complete_group(command_groups[g]);
    puts("    esac\n"
         "    if [ -n \"$files\" ] && { [ -n \"$prev\" ] || [ \"${cur#-}\" = \"$cur\" ]; }; then\n"
         "        compopt -o filenames 2>/dev/null\n"
         "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "    else\n"
         "        [ -n \"$list\" ] && [ \"${cur#-}\" = \"$cur\" ] || list=$options\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$cur\")\n"
         "    fi\n"
         "}\n"
         "complete -F _patchlab patchlab");
    return STATUS_DONE;
}
