/* rpm's order of versions: rpm-version(7) and its reference, rpmvercmp(); and who uses which. */
#include "core/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

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

static bool is_at(const struct part *p, char c)
{
    return p->ptr < p->end && *p->ptr == c;
}

/* Whatever is no segment and has no meaning of its own only separates. */
static void skip_separators(struct part *p)
{
    while (p->ptr < p->end && !is_digit(*p->ptr) && !is_letter(*p->ptr) && *p->ptr != '~'
           && *p->ptr != '^')
        p->ptr++;
}

static struct part take_segment(struct part *p, bool (*belongs)(char))
{
    struct part segment = { p->ptr, p->ptr };

    while (p->ptr < p->end && belongs(*p->ptr))
        p->ptr++;
    segment.end = p->ptr;
    return segment;
}

static int compare_segment(struct part a, struct part b, bool number)
{
    while (number && is_at(&a, '0'))
        a.ptr++;
    while (number && is_at(&b, '0'))
        b.ptr++;
    size_t len_a = (size_t)(a.end - a.ptr), len_b = (size_t)(b.end - b.ptr);
    if (number && len_a != len_b)
        return len_a > len_b ? 1 : -1;
    int diff = memcmp(a.ptr, b.ptr, len_a < len_b ? len_a : len_b);
    if (diff != 0)
        return diff;
    return len_a == len_b ? 0 : len_a > len_b ? 1 : -1;
}

enum { GO_ON = 2 };

/* '~' is before everything, also the end; '^' after the end and before everything else. */
static int compare_marks(struct part *a, struct part *b)
{
    if (is_at(a, '~') || is_at(b, '~')) {
        if (!is_at(a, '~'))
            return 1;
        if (!is_at(b, '~'))
            return -1;
    } else if (is_at(a, '^') || is_at(b, '^')) {
        if (a->ptr == a->end)
            return -1;
        if (b->ptr == b->end)
            return 1;
        if (!is_at(a, '^'))
            return 1;
        if (!is_at(b, '^'))
            return -1;
    } else {
        return GO_ON;
    }
    a->ptr++;
    b->ptr++;
    return 0;
}

static int compare_part(struct part a, struct part b)
{
    while (a.ptr < a.end || b.ptr < b.end) {
        skip_separators(&a);
        skip_separators(&b);
        int marks = compare_marks(&a, &b);
        if (marks == 0)
            continue;
        if (marks != GO_ON)
            return marks;
        if (a.ptr == a.end || b.ptr == b.end)
            break;
        bool number = is_digit(*a.ptr);
        struct part sa = take_segment(&a, number ? is_digit : is_letter);
        struct part sb = take_segment(&b, number ? is_digit : is_letter);
        if (sb.ptr == sb.end)
            return number ? 1 : -1;
        int diff = compare_segment(sa, sb, number);
        if (diff != 0)
            return diff;
    }
    return (a.ptr < a.end) - (b.ptr < b.end);
}

struct version {
    struct part epoch, version, release;
    bool has_release;
};

static struct version split(const char *s)
{
    const char *end = s + strlen(s), *digits = s;

    while (is_digit(*digits))
        digits++;
    bool has_epoch = *digits == ':';
    const char *begin = has_epoch ? digits + 1 : s;
    const char *dash = memrchr(begin, '-', (size_t)(end - begin));
    return (struct version){
        .epoch = { s, has_epoch ? digits : s },
        .version = { begin, dash ? dash : end },
        .release = { dash ? dash + 1 : end, end },
        .has_release = dash,
    };
}

int version_rpm_compare(const char *a, const char *b)
{
    struct version va = split(a), vb = split(b);
    int diff = compare_segment(va.epoch, vb.epoch, true);

    if (diff == 0)
        diff = compare_part(va.version, vb.version);
    if (diff == 0 && va.has_release && vb.has_release)
        diff = compare_part(va.release, vb.release);
    return diff;
}

static const struct {
    const char *prefix; /* of the ecosystem */
    version_order *order;
} orders[] = {
    { "Debian", version_deb_compare },      { "Ubuntu", version_deb_compare },
    { "Rocky Linux", version_rpm_compare }, { "AlmaLinux", version_rpm_compare },
    { "Red Hat", version_rpm_compare },     { "openSUSE", version_rpm_compare },
    { "SUSE", version_rpm_compare },        { "deb", version_deb_compare },
    { "rpm", version_rpm_compare },
};

version_order *version_order_of(const char *ecosystem)
{
    size_t len = strcspn(ecosystem, ":");

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        if (strlen(orders[i].prefix) == len && str_starts(ecosystem, orders[i].prefix))
            return orders[i].order;
    }
    return NULL;
}
