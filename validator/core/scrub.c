/*
 * Taking secrets out of what a guest said; see params.h.
 *
 * Each secret is searched for by itself (Knuth, Morris, Pratt: in one pass, however it repeats
 * itself) and what it covers is marked, so that of secrets that overlap nothing is left.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/params.h"

/* What covers each byte: 0 nothing, else the index of a secret and 1. */
struct cover {
    const char *text;
    size_t len;
    uint32_t *marks; /* NULL: nothing is covered yet */
};

static void mark(struct cover *c, size_t from, size_t to, uint32_t index)
{
    if (!c->marks)
        c->marks = xcalloc(c->len + 1, sizeof(*c->marks));
    for (size_t i = from; i < to; i++) {
        if (!c->marks[i])
            c->marks[i] = index + 1;
    }
}

/* For each length of a beginning of `p`: how much of it is also its end. */
static size_t *borders_of(const char *p, size_t len)
{
    size_t *border = xcalloc(len + 1, sizeof(*border));

    for (size_t i = 1, k = 0; i < len; i++) {
        while (k > 0 && p[i] != p[k])
            k = border[k];
        k += p[i] == p[k];
        border[i + 1] = k;
    }
    return border;
}

static void search(struct cover *c, const struct param_value *v, uint32_t index, unsigned cut)
{
    AUTO_FREE size_t *border = borders_of(v->value, v->len);
    size_t done = 0, k = 0; /* the last k bytes are a beginning of the secret */

    for (size_t i = 0; i < c->len; i++) {
        while (k > 0 && (k == v->len || c->text[i] != v->value[k]))
            k = border[k];
        k += c->text[i] == v->value[k];
        if (k < v->len)
            continue;
        size_t from = i + 1 - k;
        mark(c, from < done ? done : from, i + 1, index);
        done = i + 1;
    }
    if (cut & SCRUB_CUT_TAIL && k >= SECRET_MIN)
        mark(c, c->len - k, c->len, index);
}

/* Its end, at the beginning of the text. */
static void search_head(struct cover *c, const struct param_value *v, uint32_t index)
{
    size_t longest = v->len - 1 < c->len ? v->len - 1 : c->len;

    for (size_t k = longest; k >= SECRET_MIN; k--) {
        if (memcmp(c->text, v->value + v->len - k, k) == 0) {
            mark(c, 0, k, index);
            return;
        }
    }
}

/* All secrets of all testcases: a check may print what another one was given. */
struct secrets {
    const struct param_value **ptr;
    size_t len;
};

static struct secrets secrets_of(const struct params *p)
{
    struct secrets s = { 0 };

    for (size_t i = 0; i < p->len; i++) {
        for (size_t k = 0; k < p->ptr[i].len; k++) {
            if (!p->ptr[i].ptr[k].secret)
                continue;
            s.ptr = xreallocarray(s.ptr, s.len + 1, sizeof(*s.ptr));
            s.ptr[s.len++] = &p->ptr[i].ptr[k];
        }
    }
    return s;
}

/* Bytes at `text` that are "[secret NAME]" already: they stay, also when NAME is a secret. */
static size_t label_at(const struct secrets *s, const char *text, size_t len)
{
    for (size_t i = 0; text[0] == '[' && i < s->len; i++) {
        AUTO_FREE char *label = xasprintf("[secret %s]", s->ptr[i]->name);
        size_t n = strlen(label);
        if (n <= len && memcmp(text, label, n) == 0)
            return n;
    }
    return 0;
}

static void write_out(const struct cover *c, const struct secrets *s, struct str *ret)
{
    size_t i = 0;

    while (i < c->len) {
        size_t from = i, label = label_at(s, c->text + i, c->len - i);
        if (label) {
            str_add_mem(ret, c->text + i, label);
            i += label;
        } else if (c->marks[i]) {
            while (i < c->len && c->marks[i])
                i++;
            str_addf(ret, "[secret %s]", s->ptr[c->marks[from] - 1]->name);
        } else {
            do
                i++;
            while (i < c->len && !c->marks[i] && c->text[i] != '[');
            str_add_mem(ret, c->text + from, i - from);
        }
    }
}

void scrub(struct str *s, const struct params *p, unsigned cut)
{
    struct cover c = { .text = s->ptr, .len = s->len };

    if (!p || p->len == 0)
        return;
    struct secrets all = secrets_of(p);
    for (size_t i = 0; i < all.len; i++) {
        search(&c, all.ptr[i], (uint32_t)i, cut);
        if (cut & SCRUB_CUT_HEAD)
            search_head(&c, all.ptr[i], (uint32_t)i);
    }
    if (c.marks) {
        struct str clean = STR_INIT(s->max);
        write_out(&c, &all, &clean);
        explicit_bzero(s->ptr, s->len);
        str_release(s);
        *s = clean;
    }
    free(c.marks);
    free(all.ptr);
}
