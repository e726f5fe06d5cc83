/* Comma-separated values; see csv.h. */
#include "base/csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

struct reader {
    const char *p, *end, *name;
    int line;
};

static int complain(const struct reader *r, int line, const char *what, struct err **err)
{
    return err_set(err, ERR_INVALID, "%s:%d: %s", r->name, line, what);
}

static bool at_end_of_line(const struct reader *r)
{
    return r->p == r->end || *r->p == '\n'
           || (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n');
}

/* One character, or what is wrong with it. */
static const char *take_char(struct reader *r, bool quoted, struct str *to)
{
    uint32_t c;
    size_t n = utf8_next(r->p, (size_t)(r->end - r->p), &c);
    bool line_break = c == '\n' || (c == '\r' && r->p + 1 < r->end && r->p[1] == '\n');

    if (n == 0)
        return "this is not UTF-8";
    if (utf8_is_control(c) && c != '\t' && !(quoted && line_break))
        return "a control character";
    if (to->len + n > CSV_FIELD_MAX)
        return "a field is too long";
    r->line += c == '\n';
    str_add_mem(to, r->p, n);
    r->p += n;
    return NULL;
}

/* Behind the opening quote. */
static const char *read_quoted(struct reader *r, struct str *to)
{
    for (;;) {
        const char *wrong;

        if (r->p == r->end)
            return "a quoted field does not end";
        if (*r->p != '"') {
            wrong = take_char(r, /* quoted= */ true, to);
            if (wrong)
                return wrong;
            continue;
        }
        r->p++;
        if (r->p == r->end || *r->p != '"')
            break;
        str_add(to, "\"");
        r->p++;
    }
    return at_end_of_line(r) || *r->p == ',' ? NULL : "text behind a quoted field";
}

static const char *read_field(struct reader *r, struct str *to)
{
    if (r->p < r->end && *r->p == '"') {
        r->p++;
        return read_quoted(r, to);
    }
    while (!at_end_of_line(r) && *r->p != ',') {
        const char *wrong = *r->p == '"' ? "a quote within a field"
                                         : take_char(r, /* quoted= */ false, to);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static int read_record(struct reader *r, struct strv *ret, struct err **err)
{
    AUTO_STR field = STR_INIT(CSV_FIELD_MAX + 4);

    for (;;) {
        int line = r->line;
        const char *wrong = read_field(r, &field);

        if (wrong)
            return complain(r, line, wrong, err);
        if (ret->len >= CSV_COLUMNS_MAX)
            return complain(r, r->line, "too many fields", err);
        strv_add(ret, field.ptr);
        str_clear(&field);
        if (at_end_of_line(r))
            break;
        r->p++; /* the comma */
    }
    if (r->p < r->end)
        r->p += *r->p == '\r' ? 2 : 1;
    r->line++;
    return 0;
}

int csv_read(const char *text, size_t len, const char *name, csv_each *each, void *arg,
             struct err **err)
{
    struct reader r = { .p = text, .end = text + len, .name = name, .line = 1 };
    size_t columns = 0;

    if (len > CSV_MAX)
        return err_set(err, ERR_INVALID, "%s: it is larger than %u bytes", name, CSV_MAX);
    if (len >= strlen(byte_order_mark)
        && memcmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
        r.p += strlen(byte_order_mark);
    while (r.p < r.end) {
        AUTO_STRV fields = { 0 };
        int line = r.line;
        bool empty = at_end_of_line(&r);

        if (read_record(&r, &fields, err) < 0)
            return -1;
        if (empty)
            continue;
        if (columns && fields.len != columns)
            return err_set(err, ERR_INVALID, "%s:%d: %zu fields, but the first line has %zu", name,
                           line, fields.len, columns);
        columns = fields.len;
        if (each(arg, line, &fields, err) < 0)
            return -1;
    }
    return 0;
}

/* --- writing --------------------------------------------------------------------------------- */

void csv_add(struct str *s, const char *field)
{
    bool first = s->len == 0 || s->ptr[s->len - 1] == '\n';

    if (!first)
        str_add(s, ",");
    /* An empty field alone on its line would be no record. */
    if (*field ? !strpbrk(field, ",\"\r\n") : !first) {
        str_add(s, field);
        return;
    }
    str_add(s, "\"");
    for (; *field; field++) {
        if (*field == '"')
            str_add(s, "\"");
        str_add_mem(s, field, 1);
    }
    str_add(s, "\"");
}

void csv_end(struct str *s)
{
    str_add(s, "\r\n");
}
