/* The difference of two observations; see observe.h. */
#include "core/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

const char *const change_state_names[] = { "open", "explained", "noise", "acknowledged", NULL };

/* Digests tell files apart that were written at different times.  Without both of them the time
 * must do, and a file that one of the two touched is not the same: its content is not known. */
static bool is_same(const struct seen *a, const struct seen *b)
{
    if (!str_eq(a->value, b->value))
        return false;
    if (a->digest && b->digest)
        return str_eq(a->digest, b->digest);
    return str_eq(a->written, b->written) && (!a->written || a->touched == b->touched);
}

/* With as much as is needed to see how it differs from `other`. */
static char *text_of(const struct seen *s, const struct seen *other)
{
    if (!s)
        return NULL;
    if (s->digest && (!other || str_eq(s->value, other->value)))
        return xasprintf("%s, sha256 %.12s", s->value, s->digest);
    if (other && s->written && str_eq(s->value, other->value))
        return xasprintf("%s, %s, written %s", s->value, s->touched ? "touched" : "as in the image",
                         s->written);
    return xstrdup(s->value);
}

/* The words are those that tell; the digest is taken of all that was seen. */
static void set_id(struct change *c, const struct seen *a, const struct seen *b)
{
    AUTO_JSON *j = json_pack("[s, s, o, o, o, o]", c->kind, c->key, json_text(c->before),
                             json_text(c->after), json_text(a ? a->digest : NULL),
                             json_text(b ? b->digest : NULL));
    AUTO_FREE char *text = json_canonical(j);
    char hex[DIGEST_HEX_SIZE];

    digest_mem(text, strlen(text), hex);
    snprintf(c->id, sizeof(c->id), "%.16s", hex);
}

static void add(struct change_list *l, const struct seen *a, const struct seen *b)
{
    const struct seen *any = a ? a : b;

    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    struct change *c = &l->ptr[l->len++];
    *c = (struct change){
        .kind = any->kind,
        .key = xstrdup(any->key),
        .before = text_of(a, b),
        .after = text_of(b, a),
    };
    set_id(c, a, b);
}

void observe_diff(const struct observation *before, const struct observation *after,
                  struct change_list *ret)
{
    size_t i = 0, k = 0;

    *ret = (struct change_list){ 0 };
    while (i < before->len || k < after->len) {
        const struct seen *a = i < before->len ? &before->ptr[i] : NULL;
        const struct seen *b = k < after->len ? &after->ptr[k] : NULL;
        int order = !a ? 1 : !b ? -1 : seen_order(a, b);

        if (order != 0)
            add(ret, order < 0 ? a : NULL, order > 0 ? b : NULL);
        else if (!is_same(a, b))
            add(ret, a, b);
        i += order <= 0;
        k += order >= 0;
    }
}

void change_list_release(struct change_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].key);
        free(l->ptr[i].before);
        free(l->ptr[i].after);
        free(l->ptr[i].why);
    }
    free(l->ptr);
    *l = (struct change_list){ 0 };
}

size_t change_count(const struct change_list *l, enum change_state state)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++)
        n += l->ptr[i].state == state;
    return n;
}

char *change_sentence(const struct change *c)
{
    AUTO_FREE char *key = str_printable(c->key, strlen(c->key), false);

    return xasprintf("%s '%.200s' is %s", c->kind, key,
                     !c->before  ? "new"
                     : !c->after ? "gone"
                                 : "changed");
}

json_t *change_json(const struct change *c)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o}", "item", c->id, "kind", c->kind,
                     "key", c->key, "change",
                     !c->before  ? "added"
                     : !c->after ? "removed"
                                 : "changed",
                     "before", json_text(c->before), "after", json_text(c->after), "state",
                     change_state_names[c->state], "why", json_text(c->why));
}

json_t *observation_json(const struct observation *o)
{
    json_t *list = json_array();

    for (size_t i = 0; i < o->len; i++) {
        const struct seen *s = &o->ptr[i];
        if (s->touched)
            json_array_append_new(list, json_pack("[s, s, s, o, o]", s->kind, s->key, s->value,
                                                  json_text(s->written), json_text(s->digest)));
    }
    return list;
}

static int item_from_json(const json_t *row, struct observation *o, struct err **err)
{
    const char *col[5];

    for (size_t i = 0; i < ARRAY_LEN(col); i++)
        col[i] = json_string_value(json_array_get(row, i));
    const char *kind = seen_kind(col[0]);
    if (!kind || !col[1] || !col[2] || json_array_size(row) != ARRAY_LEN(col))
        return err_set(err, ERR_CORRUPT, "the stored observation has an item that is none");
    struct seen *s = observation_add(o, kind, col[1], col[2]);
    s->written = xstrdup(col[3]);
    s->digest = xstrdup(col[4]);
    return 0;
}

int observation_from_json(const json_t *j, struct observation *ret, struct err **err)
{
    AUTO_OBSERVATION o = { 0 };
    size_t i;
    json_t *row;

    if (!json_is_array(j))
        return err_set(err, ERR_CORRUPT, "the stored observation is no list");
    json_array_foreach((json_t *)j, i, row)
    {
        if (item_from_json(row, &o, err) < 0)
            return -1;
    }
    observation_sort(&o);
    *ret = o;
    o = (struct observation){ 0 };
    return 0;
}
