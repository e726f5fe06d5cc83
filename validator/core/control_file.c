/* Stanzas of "Field: value" lines, in place; see control_file.h. */
#include "core/control_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"

enum { NAME_MAX_BYTES = 100 };

struct line {
    const char *ptr;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct control_reader control_reader(const char *text, size_t len, const char *name)
{
    return (struct control_reader){ .pos = text, .end = text + len, .name = name };
}

static int refuse(const struct control_reader *r, const char *what, struct err **err)
{
    return err_set(err, ERR_INVALID, "%s:%lld: %s", r->name, (long long)r->line, what);
}

/* False at the end of the text. */
static bool next_line(struct control_reader *r, struct line *ret)
{
    if (r->pos == r->end)
        return false;
    const char *nl = memchr(r->pos, '\n', (size_t)(r->end - r->pos));
    const char *end = nl ? nl : r->end;

    *ret = (struct line){ r->pos, (size_t)(end - r->pos) };
    r->pos = nl ? nl + 1 : end;
    r->line++;
    return true;
}

static bool is_empty(const struct line *l)
{
    for (size_t i = 0; i < l->len; i++) {
        if (!is_blank(l->ptr[i]))
            return false;
    }
    return true;
}

static int check_characters(const struct control_reader *r, const struct line *l, struct err **err)
{
    for (size_t i = 0; i < l->len; i++) {
        unsigned char c = (unsigned char)l->ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return refuse(r, "a control character", err);
    }
    return 0;
}

/* Printable ASCII but ':'; neither a comment nor a signature's dashes at the front. */
static size_t name_length(const struct line *l)
{
    const char *colon = memchr(l->ptr, ':', l->len);
    size_t len = colon ? (size_t)(colon - l->ptr) : 0;

    if (len == 0 || len > NAME_MAX_BYTES || l->ptr[0] == '#' || l->ptr[0] == '-')
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (l->ptr[i] <= ' ' || l->ptr[i] > '~')
            return 0;
    }
    return len;
}

static bool has_name(const struct control_field *f, const char *name, size_t len)
{
    return f->name_len == len && strncasecmp(f->name, name, len) == 0;
}

static void trim(struct control_field *f)
{
    while (f->value_len > 0 && is_blank(f->value[0])) {
        f->value++;
        f->value_len--;
    }
    while (f->value_len > 0 && is_blank(f->value[f->value_len - 1]))
        f->value_len--;
}

static int add_field(const struct control_reader *r, struct control_stanza *s, const struct line *l,
                     struct err **err)
{
    size_t len = name_length(l);

    if (len == 0)
        return refuse(r, "expected 'Field: value'", err);
    for (size_t i = 0; i < s->len; i++) {
        if (has_name(&s->fields[i], l->ptr, len))
            return refuse(r, "the field stands there twice", err);
    }
    if (s->len == CONTROL_FIELDS_MAX)
        return refuse(r, "the stanza has too many fields", err);
    struct control_field *f = &s->fields[s->len++];
    *f = (struct control_field){
        .name = l->ptr,
        .name_len = len,
        .value = l->ptr + len + 1,
        .value_len = l->len - len - 1,
        .line = r->line,
    };
    trim(f);
    return 0;
}

static int add_line(const struct control_reader *r, struct control_stanza *s, const struct line *l,
                    struct err **err)
{
    const char *end = l->ptr + l->len;

    if (check_characters(r, l, err) < 0)
        return -1;
    if (!is_blank(l->ptr[0])) {
        if (add_field(r, s, l, err) < 0)
            return -1;
    } else if (s->len == 0) {
        return refuse(r, "it continues no field", err);
    } else {
        struct control_field *f = &s->fields[s->len - 1];
        f->value_len = (size_t)(end - f->value);
    }
    s->text_len = (size_t)(end - s->text);
    if (s->text_len > CONTROL_STANZA_MAX)
        return refuse(r, "the stanza is too long", err);
    return 0;
}

int control_next(struct control_reader *r, struct control_stanza *ret, struct err **err)
{
    struct line l;
    bool more = next_line(r, &l);

    while (more && is_empty(&l))
        more = next_line(r, &l);
    if (!more)
        return 0;
    if (!ret->fields)
        ret->fields = xcalloc(CONTROL_FIELDS_MAX, sizeof(*ret->fields));
    ret->text = l.ptr;
    ret->line = r->line;
    ret->len = 0;
    for (; more && !is_empty(&l); more = next_line(r, &l)) {
        if (add_line(r, ret, &l, err) < 0)
            return -1;
    }
    return 1;
}

const struct control_field *control_find(const struct control_stanza *s, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < s->len; i++) {
        if (has_name(&s->fields[i], name, len))
            return &s->fields[i];
    }
    return NULL;
}

char *control_text(const struct control_stanza *s, const char *name)
{
    const struct control_field *f = control_find(s, name);

    if (!f || memchr(f->value, '\n', f->value_len))
        return NULL;
    return xstrndup(f->value, f->value_len);
}

void control_stanza_release(struct control_stanza *s)
{
    free(s->fields);
    *s = (struct control_stanza){ 0 };
}
