/* stage_facts - what restarting services and undoing the patch came to, in words and as JSON. */
#ifndef CORE_STAGE_FACTS_H
#define CORE_STAGE_FACTS_H

#include <stdbool.h>

#include "base/json.h"
#include "base/str.h"

struct comparison_list;
struct lane_report;
struct stale_list;

/* Pure; what is owned is released by stage_reasons_release(). */
struct stage_reasons {
    char *restart;    /* services could not be restarted, one sentence; NULL: nothing to say */
    char *undo;       /* the patch could not be undone, one sentence */
    char *impossible; /* there is no way to undo it: "only by restoring the VM: ..." */
    struct strv notes;
};
void stage_judge(const struct lane_report *candidate, const struct comparison_list *rows,
                 struct stage_reasons *ret);
void stage_reasons_release(struct stage_reasons *r);
#define AUTO_STAGE_REASONS __attribute__((cleanup(stage_reasons_release))) struct stage_reasons

/* Of at most `max` processes: [{"pid","name","unit","file"}]. */
json_t *stale_json(const struct stale_list *l, size_t max);

/* Members "restart" and "rollback" of the verdict: docs/formats.md. */
json_t *restart_json(const struct lane_report *candidate);
json_t *rollback_json(const struct lane_report *candidate);

#endif
