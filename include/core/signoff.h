/*
 * signoff - a decision by a named person in a role, bound to what it was given for.
 *
 * A sign-off covers the digests of patch, image and testcases and the hash of the run's verdict
 * record.  The gate compares them with what is true now; a sign-off that covers something else is
 * void and the reason says which digest changed.
 *
 * Rules: one person, one role in a run; roles that must approve are `owner` and `gatekeeper`
 * (two different people); a later decision of the same person in the same role replaces the
 * earlier one; a refusal needs a reason, and while it stands it closes the gate, whatever others
 * approved.  Sign-offs are append-only and stand in the evidence (kind "signoff").
 *
 * The queue follows the gate: when it opens, the entries of the run are made (or made ready
 * again); when it closes, those that are not rolled out yet are held.
 */
#ifndef CORE_SIGNOFF_H
#define CORE_SIGNOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

struct err;
struct store;
struct strv;

enum role { ROLE_OWNER, ROLE_GATEKEEPER, ROLE_MAX_ };
extern const char *const role_names[]; /* "owner", "gatekeeper", NULL */
enum decision { DECISION_APPROVE, DECISION_REFUSE };
extern const char *const decision_names[]; /* "approve", "refuse", NULL */

struct signoff {
    enum role role;
    char *person;
    enum decision decision;
    char *remark; /* may be NULL */
    char *covers; /* canonical JSON of the digests */
    int64_t at;
};
struct signoff_list {
    struct signoff *ptr;
    size_t len;
};
void signoff_list_release(struct signoff_list *l);
#define AUTO_SIGNOFF_LIST __attribute__((cleanup(signoff_list_release))) struct signoff_list

/* A person: [A-Za-z0-9][A-Za-z0-9._+~@-]{0,127}; Ann and ann are the same one. */
bool person_is_valid(const char *s);
int person_check(const char *person, struct err **err); /* ERR_INVALID with a hint */

#define REMARK_MAX 4096                   /* bytes of a remark or a reason */
bool remark_is_blank(const char *remark); /* NULL, too */

/* For each record of what a person says: ERR_INVALID with a bad name or a remark that is too long,
 * or without one: `needed` and `hint` are the words then, NULL when it may be left out. */
int person_check_word(const char *person, const char *remark, const char *needed, const char *hint,
                      struct err **err);

/* What stands now for a run: {"image","patch","testcases":[...],"verdict"} -> digests.
 * ERR_CONFLICT while the run has no verdict, ERR_NOT_FOUND without a run. */
json_t *signoff_covers(struct store *s, int64_t run, struct err **err);

/*
 * Records one decision and moves the queue as the gate then says, in one transaction of its own.
 * ERR_DENIED: the person already signed in another role; ERR_CONFLICT: no verdict yet;
 * ERR_INVALID: a bad name, a refusal without a remark, a remark that is too long.
 */
int signoff_add(struct store *s, int64_t run, enum role role, const char *person,
                enum decision decision, const char *remark, struct err **err);

/* In the order in which they were given. */
int signoff_list(struct store *s, int64_t run, struct signoff_list *ret, struct err **err);

/*
 * The gate, a pure function of stored facts: may this run's patch go to the queue?  True, or false
 * with one sentence a missing requirement in `ret_missing` ("owner has not approved").  It asks
 * for the verdict `pass`, or a `review` whose open matters are all settled; for no standing
 * refusal; and for an approval of the owner and one of the gatekeeper that both cover what stands
 * now and come from two people.
 */
struct gate_facts {
    const char *verdict; /* "pass", ...; NULL: none yet */
    const char *covers;  /* what stands now, canonical JSON */
    const struct signoff_list *signoffs;
    /* Of a `review`: matters that people settle are all that is to be reviewed.  Then the gate
     * takes it like a `pass` as soon as none of them is open. */
    bool only_open;
    size_t open_changes; /* core/changes.h: nobody has acknowledged them */
    const struct strv *manual_open, *manual_failed; /* core/manual.h: sentences; NULL: none */
    int64_t run;                                    /* for the sentence */
};
bool gate_open(const struct gate_facts *f, struct strv *ret_missing);

/* The gate for what is stored about a run, with or without a verdict: 1 open, 0 closed, -1. */
int signoff_gate(struct store *s, int64_t run, struct strv *ret_missing, struct err **err);

/* The queue follows the gate: for what else moves it, inside a transaction. */
int signoff_move_queue(struct store *s, int64_t run, struct err **err);

#endif
