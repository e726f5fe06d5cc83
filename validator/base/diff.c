/*
 * Two texts line by line; E. Myers, "An O(ND) difference algorithm and its variations".
 *
 * Lines that both texts begin and end with are put aside first: they cost nothing then.
 */
#include "base/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { EDITS_MAX = 1000, TEXT_MAX = 16 << 20 };

struct line {
    const char *ptr;
    size_t len;
};

struct side {
    struct line *lines;
    size_t len;
    bool *edited; /* gone, or new */
};

static struct side split(const char *text)
{
    struct side s = { 0 };
    size_t count = *text != '\0';

    for (const char *p = text; *p; p++)
        count += *p == '\n' && p[1];
    s.lines = xcalloc(count + 1, sizeof(*s.lines));
    s.edited = xcalloc(count + 1, sizeof(*s.edited));
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        s.lines[s.len++] = (struct line){ p, n };
        p += n + (p[n] == '\n');
    }
    return s;
}

static void side_release(struct side *s)
{
    free(s->lines);
    free(s->edited);
}
#define AUTO_SIDE __attribute__((cleanup(side_release))) struct side

static bool same(const struct side *a, long i, const struct side *b, long k)
{
    const struct line *x = &a->lines[i], *y = &b->lines[k];

    return x->len == y->len && memcmp(x->ptr, y->ptr, x->len) == 0;
}

/* The middle parts, from `skip` on. */
struct middle {
    struct side *a, *b;
    long skip, n, m;
};

static struct middle trim(struct side *a, struct side *b)
{
    struct middle mid = { a, b, 0, (long)a->len, (long)b->len };

    while (mid.skip < mid.n && mid.skip < mid.m && same(a, mid.skip, b, mid.skip))
        mid.skip++;
    while (mid.n > mid.skip && mid.m > mid.skip && same(a, mid.n - 1, b, mid.m - 1)) {
        mid.n--;
        mid.m--;
    }
    mid.n -= mid.skip;
    mid.m -= mid.skip;
    return mid;
}

static long follow(const struct middle *mid, long x, long y)
{
    while (x < mid->n && y < mid->m && same(mid->a, mid->skip + x, mid->b, mid->skip + y)) {
        x++;
        y++;
    }
    return x;
}

/* On diagonal k with d edits: does the best way come down from k + 1 (an added line)? */
static bool comes_down(const long *v, long d, long k)
{
    return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

/* Furthest points of each number of edits; the number that was enough, or -1.  trace[d] has the
 * diagonals -d..d before round d, its middle at [d]. */
static long search(const struct middle *mid, long **trace)
{
    long most = mid->n + mid->m < EDITS_MAX ? mid->n + mid->m : EDITS_MAX;
    AUTO_FREE long *all = xcalloc((size_t)(2 * most + 3), sizeof(*all));
    long *v = all + most + 1;

    for (long d = 0; d <= most; d++) {
        trace[d] = xcalloc((size_t)(2 * d + 3), sizeof(**trace));
        memcpy(trace[d], v - d - 1, (size_t)(2 * d + 3) * sizeof(*v));
        for (long k = -d; k <= d; k += 2) {
            long x = comes_down(v, d, k) ? v[k + 1] : v[k - 1] + 1;
            v[k] = follow(mid, x, x - k);
            if (v[k] >= mid->n && v[k] - k >= mid->m)
                return d;
        }
    }
    return -1;
}

/* Back from the end, marking each edit. */
static void mark(const struct middle *mid, long *const *trace, long edits)
{
    long x = mid->n, y = mid->m;

    for (long d = edits; d > 0; d--) {
        const long *v = trace[d] + d + 1;
        long k = x - y;
        bool down = comes_down(v, d, k);
        long from = down ? v[k + 1] : v[k - 1];
        if (down)
            mid->b->edited[mid->skip + from - (k + 1)] = true;
        else
            mid->a->edited[mid->skip + from] = true;
        x = from;
        y = from - (down ? k + 1 : k - 1);
    }
}

static void mark_all(const struct middle *mid)
{
    for (long i = 0; i < mid->n; i++)
        mid->a->edited[mid->skip + i] = true;
    for (long i = 0; i < mid->m; i++)
        mid->b->edited[mid->skip + i] = true;
}

static void compare(struct side *a, struct side *b)
{
    struct middle mid = trim(a, b);
    AUTO_FREE long **trace = xcalloc(EDITS_MAX + 1, sizeof(*trace));
    long edits = search(&mid, trace);

    if (edits >= 0)
        mark(&mid, trace, edits);
    else
        mark_all(&mid);
    for (size_t d = 0; d <= EDITS_MAX; d++)
        free(trace[d]);
}

/* --- printing --------------------------------------------------------------------------------- */

struct printer {
    struct str text;
    size_t left, hidden;
    size_t run_max; /* lines with the same sign one after the other */
    size_t run;
    char sign;
};

static void print_line(struct printer *p, char sign, const struct line *l)
{
    p->run = sign == p->sign ? p->run + 1 : 1;
    p->sign = sign;
    if (p->left == 0 || p->run > p->run_max) {
        p->hidden++;
        return;
    }
    p->left--;
    str_addf(&p->text, "%c", sign);
    str_add_mem(&p->text, l->ptr, l->len);
    str_add(&p->text, "\n");
}

static bool at_edit(const struct side *a, size_t i, const struct side *b, size_t k)
{
    return (i < a->len && a->edited[i]) || (k < b->len && b->edited[k]);
}

/* Common lines from here to the next edit; SIZE_MAX: there is none. */
static size_t distance(const struct side *a, size_t i, const struct side *b, size_t k)
{
    for (size_t n = 0; i + n < a->len || k + n < b->len; n++) {
        if (at_edit(a, i + n, b, k + n))
            return n;
    }
    return SIZE_MAX;
}

/* One hunk, from its first line of context on; says where it ended. */
static void print_hunk(struct printer *p, const struct side *a, size_t *i, const struct side *b,
                       size_t *k)
{
    struct printer body = { .text = STR_INIT(TEXT_MAX),
                            .left = p->left ? p->left - 1 : 0,
                            .run_max = p->run_max };
    size_t from_a = *i, from_b = *k, trailing = DIFF_CONTEXT;

    while (*i < a->len || *k < b->len) {
        if (*i < a->len && a->edited[*i]) {
            print_line(&body, '-', &a->lines[(*i)++]);
        } else if (*k < b->len && b->edited[*k]) {
            print_line(&body, '+', &b->lines[(*k)++]);
        } else {
            size_t next = distance(a, *i, b, *k);
            if (trailing == 0 && (next == SIZE_MAX || next > DIFF_CONTEXT))
                break;
            trailing -= trailing > 0;
            print_line(&body, ' ', &a->lines[*i]);
            ++*i;
            ++*k;
            continue;
        }
        trailing = DIFF_CONTEXT;
    }
    if (p->left > 0)
        str_addf(&p->text, "@@ -%zu,%zu +%zu,%zu @@\n%s", from_a + (*i > from_a), *i - from_a,
                 from_b + (*k > from_b), *k - from_b, body.text.ptr);
    p->hidden += body.hidden;
    p->left = body.left;
    str_release(&body.text);
}

static void print_hunks(struct printer *p, const struct side *a, const struct side *b)
{
    for (size_t i = 0, k = 0;;) {
        size_t next = distance(a, i, b, k);
        if (next == SIZE_MAX)
            return;
        size_t skip = next > DIFF_CONTEXT ? next - DIFF_CONTEXT : 0;
        i += skip;
        k += skip;
        print_hunk(p, a, &i, b, &k);
    }
}

static size_t count(const struct side *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->len; i++)
        n += s->edited[i];
    return n;
}

void diff_texts(const char *before, const char *after, size_t lines, struct diff *ret)
{
    AUTO_SIDE a = split(before), b = split(after);
    struct printer p = { .text = STR_INIT(TEXT_MAX), .left = lines, .run_max = SIZE_MAX };

    compare(&a, &b);
    if (count(&a) + count(&b) > lines)
        p.run_max = lines / 3 + 1;
    print_hunks(&p, &a, &b);
    *ret = (struct diff){
        .removed = count(&a),
        .added = count(&b),
        .hidden = p.hidden,
        .text = str_take(&p.text),
    };
}

void diff_release(struct diff *d)
{
    free(d->text);
    *d = (struct diff){ 0 };
}
