/* scan_data - life cycle of findings and of what feeds say; see port_data.c. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ports/feed.h"
#include "ports/scanner.h"

const char *const severity_names[] = {
    [SEVERITY_UNKNOWN] = "unknown",
    [SEVERITY_UNIMPORTANT] = "unimportant",
    [SEVERITY_LOW] = "low",
    [SEVERITY_MEDIUM] = "medium",
    [SEVERITY_HIGH] = "high",
    [SEVERITY_CRITICAL] = "critical",
    NULL,
};

void finding_list_add(struct finding_list *l, const struct finding *f)
{
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    l->ptr[l->len++] = (struct finding){
        .id = xstrdup(f->id),
        .package = xstrdup(f->package),
        .installed = xstrdup(f->installed),
        .fixed_in = xstrdup(f->fixed_in),
        .binaries = xstrdup(f->binaries),
        .advisory = xstrdup(f->advisory),
        .source = xstrdup(f->source),
        .severity = f->severity,
    };
}

static int by_id(const void *a, const void *b)
{
    const struct finding *fa = a, *fb = b;
    int diff = strcmp(fa->id, fb->id);

    return diff ? diff : strcmp(fa->package, fb->package);
}

void finding_list_sort(struct finding_list *l)
{
    if (l->len > 1)
        qsort(l->ptr, l->len, sizeof(*l->ptr), by_id);
}

void finding_release(struct finding *f)
{
    free(f->id);
    free(f->package);
    free(f->installed);
    free(f->fixed_in);
    free(f->binaries);
    free(f->advisory);
    free(f->source);
    *f = (struct finding){ 0 };
}

void finding_list_release(struct finding_list *l)
{
    for (size_t i = 0; i < l->len; i++)
        finding_release(&l->ptr[i]);
    free(l->ptr);
    *l = (struct finding_list){ 0 };
}

void feed_range_add(struct feed_range *r, enum feed_event_type type, const char *version)
{
    r->ptr = xreallocarray(r->ptr, r->len + 1, sizeof(*r->ptr));
    r->ptr[r->len++] = (struct feed_event){ type, xstrdup(version) };
}

void feed_range_release(struct feed_range *r)
{
    for (size_t i = 0; i < r->len; i++)
        free(r->ptr[i].version);
    free(r->ptr);
    *r = (struct feed_range){ 0 };
}
