/* tell_results - see tell_results.h. */
#include "fakes/tell_results.h"

#include "base/mem.h"
#include "base/str.h"

char *tell_results(const struct sub_result_list *l)
{
    static const char *const words[] = { "pass", "fail", "skip" };
    AUTO_STR s = STR_INIT(100000);

    if (l->skipped)
        str_addf(&s, "all skipped: %s", l->skipped);
    for (size_t i = 0; i < l->len; i++) {
        const struct sub_result *r = &l->ptr[i];
        str_addf(&s, "%s%s %s", i ? "|" : "", words[r->outcome], r->name);
        if (r->todo)
            str_add(&s, " todo");
        if (r->duration_ms >= 0)
            str_addf(&s, " %lld ms", (long long)r->duration_ms);
        if (r->message.len)
            str_addf(&s, ": %s", r->message.ptr);
    }
    return str_take(&s);
}
