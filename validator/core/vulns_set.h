/* vulns_set - how a set of vulnerabilities lies in memory (vulns.c, vulns_load.c, vulns_match.c).
 *
 * Rows are grouped by ecosystem and package, and the groups sorted by both, so that all that is
 * said of a package is found by one binary search. */
#ifndef CORE_VULNS_SET_H
#define CORE_VULNS_SET_H

#include "core/text_pool.h"
#include "core/vulns.h"

struct vuln_row {
    uint32_t id, advisory, feed, introduced, fixed, last, spared;
    uint8_t names, severity;
};

struct vuln_group {
    uint32_t ecosystem, package;
    uint32_t first, count; /* rows */
};

struct vulns {
    struct text_pool texts;
    struct vuln_row *rows;
    size_t row_count, row_cap;
    struct vuln_group *groups;
    size_t group_count, group_cap;
    json_t *data;
    char digest[DIGEST_HEX_SIZE];
};

#endif
