/* Taking down what a person found in a manual step; see manual.h. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/manual.h"
#include "core/signoff.h"
#include "store/store.h"

static const json_t *find_step(const json_t *steps, int64_t run, const char *name, struct err **err)
{
    AUTO_FREE char *end = xasprintf("/%s", name), *shown = str_printable(name, strlen(name), false);
    const json_t *found = NULL;
    size_t i;
    json_t *step;

    json_array_foreach((json_t *)steps, i, step)
    {
        const char *is = json_str_at(step, "step");
        if (str_eq(is, name))
            return step;
        if (!str_ends(is, end))
            continue;
        if (found) {
            err_set(err, ERR_INVALID, "more than one testcase has a step '%s'", shown);
            err_hint(err, "write it as TESTCASE/STEP");
            return NULL;
        }
        found = step;
    }
    if (!found) {
        err_set(err, ERR_NOT_FOUND, "run %" PRId64 " has no manual step '%.200s'", run, shown);
        err_hint(err, "'patchlab uat %" PRId64 " --list' shows them", run);
    }
    return found;
}

static int record(struct store *tx, int64_t run, const json_t *step, enum manual_result result,
                  const char *person, const char *remark, struct err **err)
{
    AUTO_JSON *covers = signoff_covers(tx, run, err);
    int64_t now = clock_wall_ms();

    if (!covers
        || store_exec(tx,
                      "INSERT INTO manual_answer (run, step, result, person, remark, at)"
                      " VALUES (?, ?, ?, ?, ?, ?)",
                      ARGS(A_INT(run), A_TEXT(json_str_at(step, "step")),
                           A_TEXT(manual_result_names[result]), A_TEXT(person), A_TEXT(remark),
                           A_INT(now)),
                      err)
               < 0)
        return -1;
    AUTO_JSON *body = json_pack("{s:s, s:O, s:O, s:s, s:s, s:o, s:O}", "step",
                                json_str_at(step, "step"), "title", json_object_get(step, "title"),
                                "text", json_object_get(step, "text"), "result",
                                manual_result_names[result], "person", person, "remark",
                                json_text(remark), "covers", covers);
    return evidence_append(tx, run, "manual", body, NULL, err);
}

int manual_answer(struct store *s, int64_t run, const char *step, enum manual_result result,
                  const char *person, const char *remark, struct err **err)
{
    AUTO_FREE char *clean = remark_is_blank(remark) ? NULL : str_to_utf8(remark, strlen(remark));
    AUTO_FREE char *needed = result == MANUAL_PASS
                                 ? NULL
                                 : xasprintf("'%s' needs a remark", manual_result_names[result]);

    if (person_check_word(person, remark, needed,
                          "say what you saw, or why the step could not be taken", err)
        < 0)
        return -1;
    AUTO_TX tx = tx_begin(s, err);
    AUTO_JSON *manual = tx ? manual_of_run(tx, run, err) : NULL;
    if (!manual)
        return -1;
    const json_t *found = find_step(json_object_get(manual, "steps"), run, step, err);
    if (!found)
        return -1;
    if (record(tx, run, found, result, person, clean, err) < 0
        || signoff_move_queue(tx, run, err) < 0)
        return err_wrap(err, "cannot record step '%s' of run %" PRId64, json_str_at(found, "step"),
                        run);
    return tx_commit(&tx, err);
}
