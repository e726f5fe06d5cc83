/* dpkg's order of versions: deb-version(7), and what dpkg does with text that is no version. */
#include "core/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A piece of a version; nothing is copied. */
struct part {
    const char *ptr, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* '~' is before the end of a part, a letter after it, and all others after every letter. */
static int weight(const struct part *p)
{
    if (p->ptr == p->end || is_digit(*p->ptr))
        return 0;
    if (*p->ptr == '~')
        return -1;
    return is_letter(*p->ptr) ? *p->ptr : (unsigned char)*p->ptr + 256;
}

static bool at_text(const struct part *p)
{
    return p->ptr < p->end && !is_digit(*p->ptr);
}

/* Runs of digits of any length; none at all counts as 0. */
static int compare_number(struct part *a, struct part *b)
{
    int first = 0;

    while (a->ptr < a->end && *a->ptr == '0')
        a->ptr++;
    while (b->ptr < b->end && *b->ptr == '0')
        b->ptr++;
    for (;; a->ptr++, b->ptr++) {
        bool more_a = a->ptr < a->end && is_digit(*a->ptr);
        bool more_b = b->ptr < b->end && is_digit(*b->ptr);

        if (more_a != more_b)
            return more_a ? 1 : -1;
        if (!more_a)
            return first;
        if (first == 0)
            first = *a->ptr - *b->ptr;
    }
}

static int compare_part(struct part a, struct part b)
{
    while (a.ptr < a.end || b.ptr < b.end) {
        while (at_text(&a) || at_text(&b)) {
            int diff = weight(&a) - weight(&b);

            if (diff != 0)
                return diff;
            a.ptr += a.ptr < a.end;
            b.ptr += b.ptr < b.end;
        }
        int diff = compare_number(&a, &b);
        if (diff != 0)
            return diff;
    }
    return 0;
}

struct version {
    struct part epoch, upstream, revision;
};

static struct version split(const char *s)
{
    const char *end = s + strlen(s);
    const char *colon = memchr(s, ':', (size_t)(end - s));
    const char *begin = colon ? colon + 1 : s;
    const char *dash = memrchr(begin, '-', (size_t)(end - begin));
    const char *middle = dash ? dash : end;

    return (struct version){
        .epoch = { s, colon ? colon : s },
        .upstream = { begin, middle },
        .revision = { dash ? dash + 1 : end, end },
    };
}

int version_deb_compare(const char *a, const char *b)
{
    struct version va = split(a), vb = split(b);
    int diff = compare_part(va.epoch, vb.epoch);

    if (diff == 0)
        diff = compare_part(va.upstream, vb.upstream);
    if (diff == 0)
        diff = compare_part(va.revision, vb.revision);
    return diff;
}
