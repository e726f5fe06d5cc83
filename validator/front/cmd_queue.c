/* queue: what the rollout tool works with. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/host.h"
#include "base/mem.h"
#include "core/queue.h"
#include "front/commands.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

enum { LEASE_MS = 30 * 60 * 1000, LIST_LIMIT = 100, LIST_LIMIT_MAX = 1000000 };

static void add_row(struct table *t, const json_t *e)
{
    const json_t *patch = json_object_get(e, "patch"), *lease = json_object_get(e, "lease");
    AUTO_FREE char *id = xasprintf("%lld", (long long)json_int_at(e, "id"));
    AUTO_FREE char *run = xasprintf("%lld", (long long)json_int_at(e, "run"));
    AUTO_FREE char *name = text_at(patch, "name"), *version = text_at(patch, "version");
    AUTO_FREE char *what = xasprintf("%s %s", name, version);
    AUTO_FREE char *state = text_at(e, "state"), *server = text_at(e, "server");
    AUTO_FREE char *holder = text_at(lease, "holder"), *result = text_at(e, "result");
    AUTO_FREE char *until = text_time(json_int_at(lease, "until"));

    table_add(t, id, state, server, what, run, holder, until, result, NULL);
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t limit;

    if (!w || cli_opt_int(c, "limit", LIST_LIMIT, 0, LIST_LIMIT_MAX, &limit, err) < 0)
        return -1;
    AUTO_JSON *entries = queue_list(wire_site(w)->store, cli_opt(c, "status"), limit, err);
    if (!entries)
        return -1;
    if (cli_json(c, entries))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("ENTRY", "STATE", "SERVER", "PATCH", "RUN", "HOLDER", "UNTIL",
                             "RESULT", NULL);
    size_t i;
    json_t *e;
    json_array_foreach(entries, i, e)
    {
        add_row(&t, e);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

/* "ann@host" is a person of our rules as it is; any other user name must be given with --holder. */
static int choose_holder(const struct cli *c, char **ret)
{
    const char *given = cli_opt(c, "holder");

    *ret = given ? xstrdup(given) : host_user();
    return 0;
}

static int lease(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_FREE char *holder = NULL;
    int64_t ms;

    if (!w || choose_holder(c, &holder) < 0 || cli_opt_duration(c, "for", LEASE_MS, &ms, err) < 0)
        return -1;
    AUTO_ERR e = NULL;
    AUTO_JSON *entry = queue_lease(wire_site(w)->store, holder, cli_opt(c, "server"), ms, &e);
    if (!entry && e->code == ERR_NOT_FOUND) {
        AUTO_JSON *null = json_null();
        if (!cli_json(c, null))
            fprintf(stderr, "patchlab: nothing is ready\n");
        return STATUS_FAIL;
    }
    if (!entry) {
        *err = TAKE(e);
        return -1;
    }
    if (cli_json(c, entry))
        return STATUS_DONE;
    const json_t *patch = json_object_get(entry, "patch"), *l = json_object_get(entry, "lease");
    AUTO_FREE char *until = text_time(json_int_at(l, "until"));
    AUTO_FREE char *server = text_at(entry, "server");
    printf("entry %lld: %s %s (%s)\n  server %s\n  leased to %s until %s\n  token %s\n",
           (long long)json_int_at(entry, "id"), json_str_at(patch, "name"),
           json_str_at(patch, "version"), json_str_at(patch, "digest"), server,
           json_str_at(l, "holder"), until, json_str_at(l, "token"));
    return STATUS_DONE;
}

/* A token on the command line could be read by everybody on the machine. */
static char *read_token(const struct cli *c, struct err **err)
{
    const char *env = getenv("PATCHLAB_TOKEN");
    char line[256];

    if (cli_opt(c, "token"))
        return xstrdup(cli_opt(c, "token"));
    if (env && *env)
        return xstrdup(env);
    if (!fgets(line, sizeof(line), stdin)) {
        err_set(err, ERR_INVALID, "there is no lease token");
        err_hint(err, "give it on standard input, in $PATCHLAB_TOKEN or with --token");
        return NULL;
    }
    size_t len = 0;
    while (line[len] && line[len] != '\n' && line[len] != '\r')
        len++;
    return xstrndup(line, len);
}

static int answer(struct cli *c,
                  int (*end)(struct store *s, int64_t id, const char *token, const char *text,
                             struct err **err),
                  const char *word, const char *text, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int64_t id;

    if (!w || cli_arg_id(c, 0, "queue entry", &id, err) < 0)
        return -1;
    AUTO_FREE char *token = read_token(c, err);
    if (!token || end(wire_site(w)->store, id, token, text, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", word);
    if (!cli_json(c, facts))
        printf("entry %lld: %s\n", (long long)id, word);
    return STATUS_DONE;
}

static int ack(struct cli *c, struct err **err)
{
    return answer(c, queue_ack, "done", cli_opt(c, "remark"), err);
}

static int fail(struct cli *c, struct err **err)
{
    const char *reason;

    if (cli_opt_need(c, "reason", &reason, err) < 0)
        return -1;
    return answer(c, queue_fail, "failed", reason, err);
}

static const struct option list_options[] = {
    { "status", "STATE", "only ready, leased, done, failed or held entries" },
    { "limit", "N", "at most N entries (100; 0: all)" },
    { 0 },
};
static const struct option lease_options[] = {
    { "server", "NAME", "only for this server" },
    { "for", "TIME", "how long: 30m, 2h (30m)" },
    { "holder", "NAME", "who takes it (USER@HOST)" },
    { 0 },
};
static const struct option ack_options[] = {
    { "token", "TOKEN", "the lease's; better: standard input or $PATCHLAB_TOKEN" },
    { "remark", "TEXT", "kept with the entry" },
    { 0 },
};
static const struct option fail_options[] = {
    { "token", "TOKEN", "the lease's; better: standard input or $PATCHLAB_TOKEN" },
    { "reason", "TEXT", "why; needed" },
    { 0 },
};

const struct cli_command queue_commands[] = {
    { "queue list", "", 0, 0, "List the entries of the rollout queue", NULL, list_options, list },
    { "queue lease", "", 0, 0, "Take the next entry that is ready",
      "The entry comes with a token, which 'queue ack' and 'queue fail' ask for. A lease that\n"
      "ends without an answer makes the entry ready again. Exit status 1: nothing is ready.",
      lease_options, lease },
    { "queue ack", "ENTRY", 1, 1, "Say that an entry was rolled out", NULL, ack_options, ack },
    { "queue fail", "ENTRY", 1, 1, "Say that the rollout of an entry failed", NULL, fail_options,
      fail },
    { 0 },
};
