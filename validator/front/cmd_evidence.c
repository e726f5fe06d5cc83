/* evidence: reading and proving what a run recorded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/evidence.h"
#include "core/run.h"
#include "front/commands.h"
#include "front/progress_text.h"
#include "front/status.h"
#include "front/text.h"
#include "front/wire.h"
#include "store/blob.h"

enum { BLOB_MAX = 1 << 30 };

struct showing {
    bool full;
    json_t *list; /* not NULL: collect instead of print */
};

static json_t *record_json(const struct evidence *e)
{
    return json_pack("{s:I, s:I, s:I, s:s, s:O, s:s, s:s}", "run", (json_int_t)e->run, "seq",
                     (json_int_t)e->seq, "at", (json_int_t)e->at, "kind", e->kind, "body", e->body,
                     "prev", e->prev, "hash", e->hash);
}

static int show_record(void *arg, const struct evidence *e, struct err **err)
{
    struct showing *s = arg;
    struct event event = { .kind = e->kind, .body = e->body };
    AUTO_FREE char *when = text_time(e->at), *text = progress_text(&event);
    AUTO_FREE char *lane = text_at(e->body, "lane");

    (void)err;
    if (s->list) {
        json_array_append_new(s->list, record_json(e));
        return 0;
    }
    printf("%4lld  %s  %.12s  %-14s %-10s %s\n", (long long)e->seq, when, e->hash, e->kind,
           json_str_at(e->body, "lane") ? lane : "", text ? text : "");
    if (s->full) {
        AUTO_FREE char *body = json_pretty(e->body);
        AUTO_FREE char *shown = str_printable(body, strlen(body), true);
        fputs(shown, stdout);
    }
    return 0;
}

static int show(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *list = cli_flag(c, "json") ? json_array() : NULL;
    struct showing s = { .full = cli_flag(c, "full"), .list = list };
    int64_t run;

    if (!w || cli_arg_id(c, 0, "run", &run, err) < 0)
        return -1;
    AUTO_JSON *exists = run_json(wire_site(w), run, err);
    if (!exists || evidence_each(wire_site(w)->store, run, 0, show_record, &s, err) < 0)
        return -1;
    if (list)
        cli_json(c, list);
    else
        printf("in %s/patchlab.db; large things in %s/blobs\n", wire_site(w)->dir,
               wire_site(w)->dir);
    return STATUS_DONE;
}

static int verify(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_ERR e = NULL;
    int64_t run = 0, records = 0;

    if (!w || (c->arg_count > 0 && cli_arg_id(c, 0, "run", &run, err) < 0))
        return -1;
    const struct site *site = wire_site(w);
    if (run > 0) {
        AUTO_JSON *exists = run_json(site, run, err);
        if (!exists)
            return -1;
    }
    bool holds = evidence_verify(site->store, site->blobs, run, &records, &e) == 0;
    if (!holds && e->code != ERR_CORRUPT) {
        *err = TAKE(e);
        return -1;
    }
    AUTO_JSON *facts = json_pack("{s:b, s:I, s:o}", "holds", holds, "records", (json_int_t)records,
                                 "problem", json_text(holds ? NULL : e->msg));
    if (!cli_json(c, facts)) {
        if (holds)
            printf("the evidence holds: %lld records\n", (long long)records);
        else
            printf("the evidence does not hold: %s\n", e->msg);
    }
    return holds ? STATUS_DONE : STATUS_FAIL;
}

static int blob(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    const char *hex = c->args[0];
    size_t len;

    if (!w)
        return -1;
    if (!digest_is_hex(hex))
        return err_set(err, ERR_INVALID, "'%s' is not a SHA-256 digest of 64 digits", hex);
    AUTO_FREE char *data = blob_get(wire_site(w)->blobs, hex, BLOB_MAX, &len, err);
    if (!data)
        return -1;
    fwrite(data, 1, len, stdout);
    return STATUS_DONE;
}

static const struct option show_options[] = {
    { "full", NULL, "with the body of each record" },
    { 0 },
};

const struct cli_command evidence_commands[] = {
    { "evidence show", "RUN", 1, 1, "Show the evidence records of a run", NULL, show_options,
      show },
    { "evidence verify", "[RUN]", 0, 1, "Prove that nobody changed the evidence",
      "Checks every hash, the order, the anchors between runs and every blob. Exit status 1:\n"
      "something was changed, and the first record that does not hold is named.",
      NULL, verify },
    { "evidence blob", "DIGEST", 1, 1, "Print a kept output, console or picture, as it came",
      "The bytes are a guest's: do not print them on a terminal unseen.", NULL, blob },
    { 0 },
};
