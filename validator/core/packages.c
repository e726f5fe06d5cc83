/* The difference of two package lists, both sorted by name. */
#include "core/packages.h"

#include <string.h>

#include "base/str.h"

json_t *packages_diff(const struct package_list *before, const struct package_list *after,
                      size_t *ret_count)
{
    json_t *added = json_array(), *changed = json_array(), *removed = json_array();
    size_t i = 0, k = 0;

    while (i < before->len || k < after->len) {
        const struct package *a = i < before->len ? &before->ptr[i] : NULL;
        const struct package *b = k < after->len ? &after->ptr[k] : NULL;
        int order = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);

        if (order < 0)
            json_array_append_new(removed, json_pack("{s:o, s:o}", "name", json_text(a->name),
                                                     "from", json_text(a->version)));
        else if (order > 0)
            json_array_append_new(added, json_pack("{s:o, s:o}", "name", json_text(b->name), "to",
                                                   json_text(b->version)));
        else if (!str_eq(a->version, b->version))
            json_array_append_new(changed,
                                  json_pack("{s:o, s:o, s:o}", "name", json_text(a->name), "from",
                                            json_text(a->version), "to", json_text(b->version)));
        i += order <= 0;
        k += order >= 0;
    }
    *ret_count = json_array_size(added) + json_array_size(changed) + json_array_size(removed);
    return json_pack("{s:o, s:o, s:o}", "added", added, "changed", changed, "removed", removed);
}
