/* apt_output - see apt_output.h. */
#include "adapters/apt_output.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { LINE_MAX_BYTES = 8192, REASON_MAX = 1500 };

/* --- the plan ------------------------------------------------------------------------------- */

/* The text up to `end`, which is skipped; NULL when it does not come.  The caller frees. */
static char *take_until(const char **pos, char end)
{
    const char *at = strchr(*pos, end);

    if (!at || at == *pos)
        return NULL;
    char *text = xstrndup(*pos, (size_t)(at - *pos));
    *pos = at + 1;
    return text;
}

/* "NAME [OLD] (NEW ORIGIN [ARCH]) ..." with [OLD] left out for what is not installed. */
static int take_inst(const char *line, struct solver_plan *plan)
{
    AUTO_FREE char *name = take_until(&line, ' ');
    AUTO_FREE char *old = NULL, *new = NULL, *rest = NULL;

    if (name && *line == '[') {
        line++;
        old = take_until(&line, ']');
        if (!old || *line++ != ' ')
            return -1;
    }
    if (!name || *line++ != '(')
        return -1;
    new = take_until(&line, ' ');
    rest = new ? take_until(&line, ')') : NULL;
    char *bracket = rest ? strrchr(rest, '[') : NULL;
    if (!bracket || !str_ends(rest, "]"))
        return -1;
    bracket[strlen(bracket) - 1] = '\0';
    name[strcspn(name, ":")] = '\0';
    solver_plan_add(plan, name, bracket + 1, old, new);
    return 0;
}

struct lines {
    const char *pos;
};

/* The next line, or NULL; the caller frees. */
static char *next_line(struct lines *l)
{
    if (!*l->pos)
        return NULL;
    size_t len = strcspn(l->pos, "\n");
    char *line = xstrndup(l->pos, len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    l->pos += len + (l->pos[len] == '\n');
    return line;
}

static void take_names(char *line, struct strv *ret)
{
    char *state = NULL;

    for (char *w = strtok_r(line, " ", &state); w; w = strtok_r(NULL, " ", &state))
        strv_add(ret, w);
}

static int take_line(char *line, struct solver_plan *plan, struct strv *removed, bool *kept)
{
    if (*kept && line[0] == ' ') {
        take_names(line, &plan->kept_back);
        return 0;
    }
    *kept = str_starts(line, "The following packages have been kept back:");
    if (str_starts(line, "Inst "))
        return take_inst(line + 5, plan);
    if (str_starts(line, "Remv ") || str_starts(line, "Purg ")) {
        AUTO_FREE char *name = xstrndup(line + 5, strcspn(line + 5, " "));
        strv_add(removed, name);
    }
    return 0;
}

int apt_output_plan(const char *text, struct solver_plan *ret, struct err **err)
{
    AUTO_SOLVER_PLAN plan = { 0 };
    AUTO_STRV removed = { 0 };
    struct lines l = { text };
    bool kept = false;

    for (;;) {
        AUTO_FREE char *line = next_line(&l);
        if (!line)
            break;
        AUTO_FREE char *shown = str_printable(line, strlen(line), false);
        if (take_line(line, &plan, &removed, &kept) < 0)
            return err_set(err, ERR_IO, "apt's line '%s' is not understood", shown);
    }
    if (removed.len) {
        AUTO_FREE char *names = strv_join(&removed, ", ");
        AUTO_FREE char *shown = str_printable(names, strnlen(names, REASON_MAX), false);
        return err_set(err, ERR_DENIED, "apt would remove packages: %s", shown);
    }
    *ret = plan;
    plan = (struct solver_plan){ 0 };
    return 0;
}

/* --- refusals ------------------------------------------------------------------------------- */

static void add_reason(struct str *s, const char *line)
{
    line += strspn(line, " ");
    if (*line)
        str_addf(s, "%s%s", s->len ? "; " : "", line);
}

/* What stands below "unmet dependencies", and apt's errors but the one that says nothing. */
int apt_output_refusal(const char *out, const char *errors, struct err **err)
{
    static const char broken[] = "E: Unable to correct problems";
    AUTO_STR reason = STR_INIT(REASON_MAX);
    struct lines l = { out }, e = { errors };
    bool unmet = false, missing = false;
    char *line;

    for (; (line = next_line(&l)); free(line)) {
        if (unmet && line[0] == ' ')
            add_reason(&reason, line);
        unmet = str_starts(line, "The following packages have unmet dependencies:")
                || (unmet && line[0] == ' ');
    }
    for (; (line = next_line(&e)); free(line)) {
        missing |= str_starts(line, "E: Unable to locate package");
        if (str_starts(line, "E: ") && (!str_starts(line, broken) || reason.len == 0))
            add_reason(&reason, line + 3);
    }
    AUTO_FREE char *shown = str_printable(reason.ptr, reason.len, false);
    return err_set(err, missing ? ERR_NOT_FOUND : ERR_DENIED, "apt refuses: %s",
                   *shown ? shown : "it does not say why");
}
