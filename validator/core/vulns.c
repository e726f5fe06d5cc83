/* A set of vulnerabilities: making and asking it; how it lies in memory is in vulns_set.h. */
#include "core/vulns.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/vulns_set.h"

struct vulns *vulns_new(void)
{
    struct vulns *v = xcalloc(1, sizeof(*v));

    v->data = json_array();
    digest_mem("[]", 2, v->digest);
    return v;
}

void vulns_free(struct vulns *v)
{
    if (!v)
        return;
    text_pool_release(&v->texts);
    free(v->rows);
    free(v->groups);
    json_decref(v->data);
    free(v);
}

static struct vuln_group *group_for(struct vulns *v, uint32_t ecosystem, uint32_t package)
{
    struct vuln_group *last = v->group_count ? &v->groups[v->group_count - 1] : NULL;

    if (last && last->ecosystem == ecosystem && last->package == package)
        return last;
    if (v->group_count == v->group_cap) {
        v->group_cap = v->group_cap ? v->group_cap * 2 : 64;
        v->groups = xreallocarray(v->groups, v->group_cap, sizeof(*v->groups));
    }
    v->groups[v->group_count] = (struct vuln_group){
        .ecosystem = ecosystem,
        .package = package,
        .first = (uint32_t)v->row_count,
    };
    return &v->groups[v->group_count++];
}

void vulns_add(struct vulns *v, const struct vuln *row)
{
    struct text_pool *t = &v->texts;

    if (v->row_count == v->row_cap) {
        v->row_cap = v->row_cap ? v->row_cap * 2 : 256;
        v->rows = xreallocarray(v->rows, v->row_cap, sizeof(*v->rows));
    }
    uint32_t ecosystem = text_pool_put(t, row->ecosystem);
    group_for(v, ecosystem, text_pool_put(t, row->package))->count++;
    v->rows[v->row_count++] = (struct vuln_row){
        .id = text_pool_put(t, row->id),
        .advisory = text_pool_put(t, row->advisory),
        .feed = text_pool_put(t, row->feed),
        .introduced = text_pool_put(t, row->introduced),
        .fixed = text_pool_put(t, row->fixed),
        .last = text_pool_put(t, row->last),
        .spared = text_pool_put(t, row->spared),
        .names = (uint8_t)row->names,
        .severity = (uint8_t)row->severity,
    };
}

size_t vulns_count(const struct vulns *v)
{
    return v->row_count;
}

json_t *vulns_data(const struct vulns *v)
{
    return json_incref(v->data);
}

const char *vulns_digest(const struct vulns *v)
{
    return v->digest;
}

bool vulns_know(const struct vulns *v, const char *release)
{
    for (size_t i = 0; i < v->group_count; i++) {
        if (str_eq(text_pool_get(&v->texts, v->groups[i].ecosystem), release))
            return true;
    }
    return false;
}
