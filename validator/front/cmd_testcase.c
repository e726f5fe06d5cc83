/* testcase: looking at acceptance bundles before they are used. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/testcase.h"
#include "core/testcase_new.h"
#include "front/commands.h"
#include "front/status.h"
#include "front/table.h"
#include "front/testcases.h"
#include "front/text.h"
#include "front/wire.h"

static int lint(struct cli *c, struct err **err)
{
    AUTO_JSON *all = json_array();
    int wrong = 0;

    for (int i = 0; i < c->arg_count; i++) {
        AUTO_TESTCASE t = { 0 };
        AUTO_ERR e = NULL;
        bool ok = testcase_read(c->args[i], &t, &e) == 0;
        json_t *row = ok ? testcase_json(&t) : json_pack("{s:o}", "problem", json_text(e->msg));
        json_object_set_new(row, "dir", json_text(c->args[i]));
        json_object_set_new(row, "ok", json_boolean(ok));
        json_array_append_new(all, row);
        wrong += !ok;
        if (cli_flag(c, "json"))
            continue;
        if (ok)
            printf("%s: ok, testcase '%s' with %zu checks\n", c->args[i], t.name, t.check_count);
        else
            printf("%s\n%s%s%s", e->msg, e->hint ? "  hint: " : "", e->hint ? e->hint : "",
                   e->hint ? "\n" : "");
    }
    cli_json(c, all);
    (void)err;
    return wrong ? STATUS_USAGE : STATUS_DONE;
}

static int new (struct cli *c, struct err **err)
{
    const char *dir = cli_opt(c, "dir");
    AUTO_FREE char *path = NULL;

    if (testcase_new(dir ? dir : ".", c->args[0], &path, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:s, s:o}", "name", c->args[0], "dir", json_text(path));
    if (cli_json(c, facts))
        return STATUS_DONE;
    printf("%s: a testcase that passes on a plain Debian\n", path);
    printf("next: patchlab testcase run %s --image IMAGE\n", path);
    return STATUS_DONE;
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_TESTCASE_LIST l = { 0 };
    AUTO_JSON *all = json_array();

    if (!w || testcases_choose(c, w, &l, err) < 0)
        return -1;
    for (size_t i = 0; i < l.len; i++)
        json_array_append_new(all, testcase_json(&l.ptr[i]));
    if (cli_json(c, all))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("TESTCASE", "CHECKS", "OWNER", "DIGEST", "DIRECTORY", NULL);
    for (size_t i = 0; i < l.len; i++) {
        AUTO_FREE char *checks = xasprintf("%zu", l.ptr[i].check_count);
        AUTO_FREE char *digest = text_digest(l.ptr[i].bundle.digest);
        table_add(&t, l.ptr[i].name, checks, l.ptr[i].owner ? l.ptr[i].owner : "-", digest,
                  l.ptr[i].dir, NULL);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

static const struct option new_options[] = {
    { "dir", "DIR", "make it below DIR (the current directory)" },
    { 0 },
};
static const struct option list_options[] = { TESTCASES_OPTION, { 0 } };

const struct cli_command testcase_commands[] = {
    { "testcase lint", "DIR...", 1, -1, "Check a bundle: testcase.yaml and the files it names",
      "Exit status 2 when something is wrong; file, line and key are named.", NULL, lint },
    { "testcase new", "NAME", 1, 1, "Write a commented bundle to start from",
      "It passes on a plain Debian. Nothing that is there is written over.", new_options, new },
    { "testcase list", "", 0, 0, "List the testcases that validating looks at", NULL, list_options,
      list },
    { 0 },
};
