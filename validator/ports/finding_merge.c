/* finding_merge - one finding where several say the same; see ports/scanner.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ports/scanner.h"

typedef int version_order(const char *a, const char *b);

/* Which of two is kept: that of the older package, with a fix, the worse one. */
static bool says_more(version_order *order, const struct finding *a, const struct finding *b)
{
    int diff = order(a->installed, b->installed);

    if (diff != 0)
        return diff < 0;
    if (!a->fixed_in != !b->fixed_in)
        return a->fixed_in;
    return a->severity > b->severity;
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *p = strstr(words, word); p; p = strstr(p + 1, word)) {
        if ((p == words || p[-1] == ' ') && (p[len] == '\0' || p[len] == ' '))
            return true;
    }
    return false;
}

static void merge(version_order *order, struct finding *into, struct finding *from)
{
    if (!has_word(into->binaries, from->binaries)) {
        char *both = xasprintf("%s %s", into->binaries, from->binaries);
        free(into->binaries);
        into->binaries = both;
    }
    if (says_more(order, from, into)) {
        struct finding other = *into;

        *into = *from;
        *from = other;
        char *binaries = into->binaries;
        into->binaries = from->binaries;
        from->binaries = binaries;
    }
    finding_release(from);
}

void finding_list_merge(struct finding_list *l, version_order *order)
{
    size_t kept = 0;

    finding_list_sort(l);
    for (size_t i = 0; i < l->len; i++) {
        struct finding *last = kept ? &l->ptr[kept - 1] : NULL, *f = &l->ptr[i];

        if (last && str_eq(last->id, f->id) && str_eq(last->package, f->package))
            merge(order, last, f);
        else
            l->ptr[kept++] = *f;
    }
    l->len = kept;
}
