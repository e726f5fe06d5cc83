/*
 * explain - a run's verdict on one screen: the differences that led to it, with what was printed
 * before and after, and for each role the shortest list of what would change it.
 */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H

#include <stddef.h>

#include "base/json.h"

struct err;
struct blobs;

/*
 * `run` is what run_json() gave.  At most `differences` of them (0: all that the record has), each
 * diff with at most `lines` lines.  What is read from blobs was made printable.
 *
 *     {"run","verdict","reasons","causes",
 *      "differences": [{"testcase","check","test","title","point","class","before","after",
 *                       "rounds","diff": {"text","removed","added","hidden"} or null}],
 *      "more": n, "changes": [{"role","do": [...],"verdict"}]}
 *
 * ERR_CONFLICT while the run has no verdict.
 */
json_t *explain_run(const json_t *run, const struct blobs *blobs, size_t differences, size_t lines,
                    struct err **err);

#endif
