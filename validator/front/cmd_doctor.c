/* doctor: is this machine ready, and if not, what is to be done. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "front/commands.h"
#include "front/doctor.h"
#include "front/status.h"
#include "front/table.h"
#include "front/wire.h"

static void finding_release(struct finding *f)
{
    free(f->text);
    free(f->mend);
}

/* Looks; with `fix`, mends what can be mended and looks again. */
static enum health examine(struct wire *w, const struct doctor_check *k, bool fix, json_t *report)
{
    struct finding f = { 0 };
    AUTO_FREE char *did = NULL;
    AUTO_ERR e = NULL;

    k->look(w, &f);
    if (fix && f.health != HEALTH_OK && k->fix && k->fix(w, &did, &e) == 0) {
        finding_release(&f);
        f = (struct finding){ 0 };
        k->look(w, &f);
    }
    json_array_append_new(report,
                          json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "check", k->name, "health",
                                    health_names[f.health], "text", json_text(f.text), "mend",
                                    json_text(f.mend), "fixed", json_text(did), "fix_failed",
                                    json_text(e ? e->msg : NULL)));
    enum health health = f.health;
    finding_release(&f);
    return health;
}

static void print_report(const json_t *report)
{
    size_t i;
    json_t *r;

    json_array_foreach((json_t *)report, i, r)
    {
        const char *mend = json_str_at(r, "mend"), *fixed = json_str_at(r, "fixed");
        const char *failed = json_str_at(r, "fix_failed");
        printf("%-8s %-12s %s\n", json_str_at(r, "health"), json_str_at(r, "check"),
               json_str_at(r, "text"));
        if (fixed)
            printf("%-21s fixed: %s\n", "", fixed);
        if (failed)
            printf("%-21s could not be fixed: %s\n", "", failed);
        if (mend)
            printf("%-21s mend: %s\n", "", mend);
    }
}

static int doctor(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *report = json_array();
    enum health worst = HEALTH_OK;

    if (!w)
        return -1;
    for (const struct doctor_check *k = doctor_checks; k->name; k++) {
        enum health h = examine(w, k, cli_flag(c, "fix"), report);
        worst = h > worst ? h : worst;
    }
    if (!cli_json(c, report))
        print_report(report);
    return worst == HEALTH_BAD ? STATUS_BROKEN : STATUS_DONE;
}

static const struct option options[] = {
    { "fix", NULL, "mend what can be mended, and say what was done" },
    { 0 },
};

const struct cli_command doctor_commands[] = {
    { "doctor", "", 0, 0, "Check that this machine can run a lab, and say how to mend it",
      "Nothing of the machine is changed without --fix; what killed processes left in the state\n"
      "directory is removed. Exit status 4: something that is needed is missing.",
      options, doctor },
    { 0 },
};
