/* vuln_span - the affected versions of an advisory as plain spans, by OSV's algorithm; pure. */
#ifndef CORE_VULN_SPAN_H
#define CORE_VULN_SPAN_H

#include "core/version.h"
#include "ports/feed.h"

struct vuln_span {          /* texts are those of the advisory */
    const char *introduced; /* NULL: from the very first version on */
    const char *fixed;      /* before this one; or */
    const char *last;       /* up to this one; both NULL: without an end */
};
struct vuln_spans {
    struct vuln_span *ptr;
    size_t len;
};

/* Events are taken in the order of their versions; a version of the list that no range covers is a
 * span of its own. */
void vuln_spans(const struct feed_affected *a, version_order *order, struct vuln_spans *ret);
void vuln_spans_release(struct vuln_spans *s);
#define AUTO_VULN_SPANS __attribute__((cleanup(vuln_spans_release))) struct vuln_spans

#endif
