/* The difference of two lists of findings, and their JSON. */
#include "core/finding.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static void add(struct finding_refs *r, const struct finding *f)
{
    r->ptr = xgrow(r->ptr, r->len, sizeof(*r->ptr));
    r->ptr[r->len++] = f;
}

static int order_of(const struct finding *a, const struct finding *b)
{
    int order = strcmp(a->id, b->id);

    return order ? order : strcmp(a->package, b->package);
}

void findings_diff(const struct finding_list *before, const struct finding_list *after,
                   struct findings_diff *ret)
{
    size_t i = 0, k = 0;

    *ret = (struct findings_diff){ 0 };
    while (i < before->len || k < after->len) {
        const struct finding *a = i < before->len ? &before->ptr[i] : NULL;
        const struct finding *b = k < after->len ? &after->ptr[k] : NULL;
        int order = !a ? 1 : !b ? -1 : order_of(a, b);

        add(order < 0   ? &ret->removed
            : order > 0 ? &ret->added
                        : &ret->remaining,
            order < 0 ? a : b);
        i += order <= 0;
        k += order >= 0;
    }
}

void findings_diff_release(struct findings_diff *d)
{
    free(d->removed.ptr);
    free(d->remaining.ptr);
    free(d->added.ptr);
    *d = (struct findings_diff){ 0 };
}

const struct finding *finding_find(const struct finding_list *l, const char *id)
{
    for (size_t i = 0; i < l->len; i++) {
        if (str_eq(l->ptr[i].id, id))
            return &l->ptr[i];
    }
    return NULL;
}

json_t *finding_json(const struct finding *f)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "id", json_text(f->id), "package",
                     json_text(f->package), "installed", json_text(f->installed), "fixed_in",
                     json_text(f->fixed_in), "binaries", json_text(f->binaries), "advisory",
                     json_text(f->advisory), "source", json_text(f->source), "severity",
                     severity_names[f->severity]);
}

json_t *findings_json(const struct finding_list *l)
{
    json_t *list = json_array();

    for (size_t i = 0; i < l->len; i++)
        json_array_append_new(list, finding_json(&l->ptr[i]));
    return list;
}

json_t *finding_refs_json(const struct finding_refs *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->len; i++)
        json_array_append_new(list, finding_json(r->ptr[i]));
    return list;
}
