/* Taking decisions down, and moving the queue as the gate then says. */
#include "core/signoff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/changes.h"
#include "core/evidence.h"
#include "core/manual.h"
#include "core/queue.h"
#include "store/store.h"

/* What the rows of a run say now. */
struct standing {
    char *verdict; /* NULL: none yet */
    json_t *covers;
};

static void standing_release(struct standing *st)
{
    free(st->verdict);
    json_decref(st->covers);
}
#define AUTO_STANDING __attribute__((cleanup(standing_release))) struct standing

static json_t *covers_of(struct query *q, int64_t run, struct err **err)
{
    const char *text = query_text(q, 2);
    AUTO_JSON *spec = json_parse(text, strlen(text), strlen(text), "spec", err);
    json_t *testcases = json_object_get(spec, "testcases");

    if (!spec) {
        (*err)->code = ERR_CORRUPT;
        err_wrap(err, "run %" PRId64, run);
        return NULL;
    }
    if (!json_is_array(testcases) || query_is_null(q, 4)) {
        err_set(err, ERR_CORRUPT, "run %" PRId64 " has a verdict, but no %s", run,
                query_is_null(q, 4) ? "evidence of it" : "list of testcases");
        return NULL;
    }
    return json_pack("{s:s, s:s, s:O, s:s}", "image", query_text(q, 0), "patch", query_text(q, 1),
                     "testcases", testcases, "verdict", query_text(q, 4));
}

/* ERR_NOT_FOUND without a run; ret->covers only with a verdict. */
static int read_standing(struct store *s, int64_t run, struct standing *ret, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT image.digest, patch.digest, run.spec, run.verdict,"
                               " run.verdict_hash FROM run JOIN image ON image.id = run.image"
                               " JOIN patch ON patch.id = run.patch WHERE run.id = ?",
                               ARGS(A_INT(run)), err);
    int rc;

    if (!q)
        return -1;
    rc = query_step(q, err);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no run %" PRId64, run);
    if (query_is_null(q, 3))
        return 0;
    ret->covers = covers_of(q, run, err);
    if (!ret->covers)
        return -1;
    ret->verdict = xstrdup(query_text(q, 3));
    return 0;
}

static int need_verdict(const struct standing *st, int64_t run, struct err **err)
{
    if (st->verdict)
        return 0;
    err_set(err, ERR_CONFLICT, "run %" PRId64 " has no verdict yet", run);
    return err_hint(err, "sign it off when it has ended");
}

json_t *signoff_covers(struct store *s, int64_t run, struct err **err)
{
    AUTO_STANDING st = { 0 };

    if (read_standing(s, run, &st, err) < 0 || need_verdict(&st, run, err) < 0)
        return NULL;
    return json_incref(st.covers);
}

static int check_one_role(struct store *s, int64_t run, enum role role, const char *person,
                          struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               /* To acknowledge a change is an owner's part. */
                               "SELECT role FROM signoff"
                               " WHERE run = ?1 AND person = ?2 AND role <> ?3"
                               " UNION ALL SELECT 'owner' FROM acknowledgement"
                               " WHERE run = ?1 AND person = ?2 AND ?3 <> 'owner' LIMIT 1",
                               ARGS(A_INT(run), A_TEXT(person), A_TEXT(role_names[role])), err);
    int rc;

    if (!q)
        return -1;
    rc = query_step(q, err);
    if (rc <= 0)
        return rc;
    err_set(err, ERR_DENIED, "'%s' signed run %" PRId64 " as %s already", person, run,
            query_text(q, 0));
    return err_hint(err, "one person has one role in a run: somebody else signs as %s",
                    role_names[role]);
}

static int record(struct store *s, int64_t run, const struct signoff *so, json_t *covers,
                  struct err **err)
{
    AUTO_JSON *body = json_pack("{s:s, s:s, s:s, s:o, s:O}", "role", role_names[so->role], "person",
                                so->person, "decision", decision_names[so->decision], "remark",
                                json_text(so->remark), "covers", covers);
    int rc = store_exec(s,
                        "INSERT INTO signoff (run, role, person, decision, remark, covers, at)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)",
                        ARGS(A_INT(run), A_TEXT(role_names[so->role]), A_TEXT(so->person),
                             A_TEXT(decision_names[so->decision]), A_TEXT(so->remark),
                             A_TEXT(so->covers), A_INT(so->at)),
                        err);

    if (rc < 0)
        return -1;
    return evidence_append(s, run, "signoff", body, NULL, err);
}

int signoff_gate(struct store *s, int64_t run, struct strv *ret_missing, struct err **err)
{
    AUTO_STANDING st = { 0 };
    AUTO_SIGNOFF_LIST all = { 0 };
    AUTO_STRV manual_open = { 0 }, manual_failed = { 0 };
    AUTO_FREE char *covers = NULL;

    if (read_standing(s, run, &st, err) < 0 || signoff_list(s, run, &all, err) < 0)
        return -1;
    covers = st.covers ? json_canonical(st.covers) : NULL;
    struct gate_facts facts = {
        .run = run,
        .verdict = st.verdict,
        .covers = covers,
        .signoffs = &all,
        .manual_open = &manual_open,
        .manual_failed = &manual_failed,
    };
    if (str_eq(st.verdict, "review")
        && (changes_gate(s, run, &facts.only_open, &facts.open_changes, err) < 0
            || manual_gate(s, run, &manual_open, &manual_failed, err) < 0))
        return -1;
    return gate_open(&facts, ret_missing);
}

int signoff_move_queue(struct store *s, int64_t run, struct err **err)
{
    AUTO_STRV missing = { 0 };
    AUTO_FREE char *reason = NULL;
    int open = signoff_gate(s, run, &missing, err), n;

    if (open < 0)
        return -1;
    if (open)
        return queue_add_run(s, run, &n, err);
    reason = strv_join(&missing, "; ");
    return queue_hold_run(s, run, reason, &n, err);
}

int signoff_add(struct store *s, int64_t run, enum role role, const char *person,
                enum decision decision, const char *remark, struct err **err)
{
    AUTO_STANDING st = { 0 };
    AUTO_FREE char *clean = remark_is_blank(remark) ? NULL : str_to_utf8(remark, strlen(remark));
    AUTO_FREE char *covers = NULL, *name = xstrdup(person);
    AUTO_TX tx = NULL;
    struct signoff so;

    bool refuses = decision == DECISION_REFUSE;
    if (person_check_word(person, remark, refuses ? "a refusal needs a reason" : NULL,
                          "say in the remark what has to change", err)
        < 0)
        return -1;
    tx = tx_begin(s, err);
    if (!tx || read_standing(s, run, &st, err) < 0 || need_verdict(&st, run, err) < 0
        || check_one_role(s, run, role, person, err) < 0)
        return -1;
    covers = json_canonical(st.covers);
    so = (struct signoff){ .role = role,
                           .person = name,
                           .decision = decision,
                           .remark = clean,
                           .covers = covers,
                           .at = clock_wall_ms() };
    if (record(s, run, &so, st.covers, err) < 0 || signoff_move_queue(s, run, err) < 0)
        return err_wrap(err, "cannot sign off run %" PRId64, run);
    return tx_commit(&tx, err);
}
