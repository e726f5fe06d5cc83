/* The feeds of a store as one set of vulnerabilities. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/version.h"
#include "core/vulns_set.h"
#include "store/store.h"

/* What was imported, and so what decides: the same list, the same answers. */
static int load_data(struct vulns *v, struct store *s, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT name, kind, digest, dated, records FROM feed"
                               " WHERE digest IS NOT NULL ORDER BY name",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(v->data,
                              json_pack("{s:s, s:s, s:s, s:o, s:I}", "feed", query_text(q, 0),
                                        "kind", query_text(q, 1), "digest", query_text(q, 2),
                                        "dated", json_text(query_text(q, 3)), "records",
                                        (json_int_t)query_int(q, 4)));
    if (rc < 0)
        return -1;
    AUTO_FREE char *text = json_canonical(v->data);
    digest_mem(text, strlen(text), v->digest);
    return 0;
}

static int load_ecosystem(struct vulns *v, struct store *s, const char *ecosystem, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "SELECT a.package, a.names, d.cve, d.name, f.name, a.severity,"
                               " a.introduced, a.fixed, a.last, a.spared FROM affected a"
                               " JOIN advisory d ON d.id = a.advisory JOIN feed f ON f.id = a.feed"
                               " WHERE a.ecosystem = ? ORDER BY a.package, a.feed, a.seq",
                               ARGS(A_TEXT(ecosystem)), err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        struct vuln row = {
            .ecosystem = ecosystem,
            .package = query_text(q, 0),
            .names = (int)query_int(q, 1),
            .id = query_text(q, 2),
            .advisory = query_text(q, 3),
            .feed = query_text(q, 4),
            .severity = (enum severity)query_int(q, 5),
            .introduced = query_text(q, 6),
            .fixed = query_text(q, 7),
            .last = query_text(q, 8),
            .spared = query_text(q, 9),
        };
        vulns_add(v, &row);
    }
    return rc;
}

/* A walk over the key's first column: one look-up for each ecosystem. */
static int list_ecosystems(struct store *s, struct strv *ret, struct err **err)
{
    AUTO_QUERY q = store_query(s,
                               "WITH RECURSIVE e(x) AS (SELECT min(ecosystem) FROM affected"
                               " UNION ALL SELECT (SELECT min(ecosystem) FROM affected"
                               " WHERE ecosystem > x) FROM e WHERE x IS NOT NULL)"
                               " SELECT x FROM e WHERE x IS NOT NULL",
                               NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        strv_add(ret, query_text(q, 0));
    return rc;
}

struct vulns *vulns_load(struct store *s, const char *kind, struct err **err)
{
    version_order *wanted = kind ? version_order_of(kind) : NULL;
    AUTO_VULNS v = vulns_new();
    AUTO_STRV ecosystems = { 0 };

    if (load_data(v, s, err) < 0 || list_ecosystems(s, &ecosystems, err) < 0)
        return NULL;
    for (size_t i = 0; i < ecosystems.len; i++) {
        if (kind && version_order_of(ecosystems.ptr[i]) != wanted)
            continue;
        if (load_ecosystem(v, s, ecosystems.ptr[i], err) < 0)
            return NULL;
    }
    text_pool_trim(&v->texts);
    return TAKE(v);
}
