/*
 * evidence - what happened in a run, in records that cannot be quietly changed.
 *
 * Table `evidence` is append-only by trigger.  The records of a run form a chain: each holds the
 * hash of the one before (64 zeros for the first), and
 *
 *     hash = SHA-256 of the canonical JSON of
 *            {"at": ms, "body": {...}, "kind": "...", "prev": "...", "run": id, "seq": n}
 *
 * so that a change of any byte of any column shows.  `seq` counts from 1.
 *
 * Anchors tie the chains of all runs together: whenever the newest record of the whole store is
 * one of another run, the record that is appended after it names it in its body
 *
 *     "anchor": {"hash": "...", "run": id, "seq": n}
 *
 * The first record of a run always has an anchor (null in the first of the store).  So a chain
 * that was cut off at its end shows as soon as anything else was recorded, whichever runs went on
 * at the same time.  The very last record of the store is kept beside it (table evidence_tip), and
 * a run's `verdict_hash` names the record with the verdict, which the run's row repeats: verify
 * asks for these too.
 *
 * A body is a JSON object in canonical form.  Large or binary things are blobs; a body refers to
 * one as {"blob": "<sha-256>", "size": n}, anywhere in the tree, and verify reads every one.
 */
#ifndef CORE_EVIDENCE_H
#define CORE_EVIDENCE_H

#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"

struct err;
struct store;
struct blobs;

struct evidence {
    int64_t run, seq, at;
    char *kind, *prev, *hash;
    json_t *body;
};
void evidence_release(struct evidence *e);
#define AUTO_EVIDENCE __attribute__((cleanup(evidence_release))) struct evidence

/*
 * Inside the caller's transaction.  `body` is an object without the key "anchor", which is added
 * here; it is not taken.  `ret_hash` may be NULL.
 */
int evidence_append(struct store *s, int64_t run, const char *kind, json_t *body,
                    char ret_hash[DIGEST_HEX_SIZE], struct err **err);

/* The hash of the last record of a run; 64 zeros when it has none. */
int evidence_head(struct store *s, int64_t run, char ret[DIGEST_HEX_SIZE], struct err **err);

/* Calls `each` for the records of a run after `after_seq`, in order; stops at -1. */
int evidence_each(struct store *s, int64_t run, int64_t after_seq,
                  int (*each)(void *arg, const struct evidence *e, struct err **err), void *arg,
                  struct err **err);

/*
 * Checks the chain of one run, or of all with run = 0: hashes, order, anchors, blobs, the record of
 * the verdict.  ERR_CORRUPT names the first record that does not hold.  *ret_records counts the
 * records of the chains (0 for a run without any).  What a reader may rely on is one snapshot:
 * others may append meanwhile.
 */
int evidence_verify(struct store *s, const struct blobs *b, int64_t run, int64_t *ret_records,
                    struct err **err);

/* {"blob": hex, "size": len} after storing the bytes; NULL on error. */
json_t *evidence_blob(struct blobs *b, const void *data, size_t len, struct err **err);

#endif
