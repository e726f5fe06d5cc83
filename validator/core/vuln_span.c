/*
 * OSV's evaluation of ranges (https://ossf.github.io/osv-schema/#evaluation), turned around: not
 * "is this version affected", but "which spans of versions are".
 */
#include "core/vuln_span.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

static void add(struct vuln_spans *s, const char *introduced, const char *fixed, const char *last)
{
    s->ptr = xreallocarray(s->ptr, s->len + 1, sizeof(*s->ptr));
    s->ptr[s->len++] = (struct vuln_span){ introduced, fixed, last };
}

/* Introduced in "0" is before every version, whatever the order says of "0". */
static bool is_origin(const struct feed_event *e)
{
    return e->type == FEED_INTRODUCED && str_eq(e->version, "0");
}

static bool is_end(const struct feed_event *e)
{
    return e->type == FEED_FIXED || e->type == FEED_LIMIT;
}

static int order_of(const struct feed_event *a, const struct feed_event *b, version_order *order)
{
    int diff;

    if (is_origin(a) || is_origin(b))
        return is_origin(b) - is_origin(a);
    diff = order(a->version, b->version);
    /* Fixed and introduced in one version: it is affected. */
    return diff ? diff : is_end(b) - is_end(a);
}

/* By insertion: ranges have few events, nearly always in order. */
static const struct feed_event **sorted(const struct feed_range *r, version_order *order)
{
    const struct feed_event **events = xcalloc(r->len + 1, sizeof(struct feed_event *));

    for (size_t i = 0; i < r->len; i++) {
        size_t k = i;
        for (; k > 0 && order_of(&r->ptr[i], events[k - 1], order) < 0; k--)
            events[k] = events[k - 1];
        events[k] = &r->ptr[i];
    }
    return events;
}

static void add_range(struct vuln_spans *s, const struct feed_range *r, version_order *order)
{
    AUTO_FREE const struct feed_event **events = sorted(r, order);
    const struct feed_event *since = NULL;

    for (size_t i = 0; i < r->len; i++) {
        const struct feed_event *e = events[i];

        if (e->type == FEED_INTRODUCED) {
            since = since ? since : e;
            continue;
        }
        if (since)
            add(s, is_origin(since) ? NULL : since->version, is_end(e) ? e->version : NULL,
                is_end(e) ? NULL : e->version);
        since = NULL;
    }
    if (since)
        add(s, is_origin(since) ? NULL : since->version, NULL, NULL);
}

static bool covers(const struct vuln_span *s, const char *version, version_order *order)
{
    return (!s->introduced || order(version, s->introduced) >= 0)
           && (!s->fixed || order(version, s->fixed) < 0)
           && (!s->last || order(version, s->last) <= 0);
}

static bool any_covers(const struct vuln_spans *s, size_t n, const char *version,
                       version_order *order)
{
    for (size_t i = 0; i < n; i++) {
        if (covers(&s->ptr[i], version, order))
            return true;
    }
    return false;
}

void vuln_spans(const struct feed_affected *a, version_order *order, struct vuln_spans *ret)
{
    *ret = (struct vuln_spans){ 0 };
    for (size_t i = 0; i < a->range_count; i++)
        add_range(ret, &a->ranges[i], order);
    size_t ranges = ret->len;
    for (size_t i = 0; a->versions && i < a->versions->len; i++) {
        const char *version = a->versions->ptr[i];
        if (!any_covers(ret, ranges, version, order))
            add(ret, version, NULL, version);
    }
}

void vuln_spans_release(struct vuln_spans *s)
{
    free(s->ptr);
    *s = (struct vuln_spans){ 0 };
}
