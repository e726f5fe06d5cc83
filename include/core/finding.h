/* finding - lists of findings compared, written down and read back; pure. */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include <stddef.h>

#include "base/json.h"
#include "ports/scanner.h"

/* Pointers into the two lists, which must outlive it. */
struct finding_refs {
    const struct finding **ptr;
    size_t len;
};

struct findings_diff {
    struct finding_refs removed;   /* of the list before */
    struct finding_refs remaining; /* as they are after */
    struct finding_refs added;
};

/* Both lists are sorted (finding_list_sort()).  A finding is known by its id and its package: one
 * whose version changed and which is there still, remains. */
void findings_diff(const struct finding_list *before, const struct finding_list *after,
                   struct findings_diff *ret);
void findings_diff_release(struct findings_diff *d);
#define AUTO_FINDINGS_DIFF __attribute__((cleanup(findings_diff_release))) struct findings_diff

/* Is any finding of this id (a CVE, or an advisory's own) in the list? */
const struct finding *finding_find(const struct finding_list *l, const char *id);

json_t *finding_json(const struct finding *f); /* docs/formats.md, 'finding' */
json_t *findings_json(const struct finding_list *l);
json_t *finding_refs_json(const struct finding_refs *r);

#endif
