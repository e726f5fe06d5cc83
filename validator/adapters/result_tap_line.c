/* What one line of TAP says; https://testanything.org/tap-version-14-specification.html. */
#include "adapters/result_tap_line.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { DIGITS_MAX = 9, DURATION_DIGITS = 12 };

bool tap_starts(struct tap_text t, const char *prefix)
{
    size_t len = strlen(prefix);

    return t.len >= len && memcmp(t.ptr, prefix, len) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct tap_text tap_trim(struct tap_text t)
{
    while (t.len > 0 && is_blank(t.ptr[0])) {
        t.ptr++;
        t.len--;
    }
    while (t.len > 0 && is_blank(t.ptr[t.len - 1]))
        t.len--;
    return t;
}

static struct tap_text after(struct tap_text t, size_t n)
{
    return (struct tap_text){ t.ptr + n, t.len - n };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes a number off the front; 0 digits: none.  One that is longer stands for "very many". */
static size_t take_number(struct tap_text *t, uint64_t *ret)
{
    size_t n = 0;

    *ret = 0;
    for (; n < t->len && is_digit(t->ptr[n]); n++) {
        if (n < DIGITS_MAX)
            *ret = *ret * 10 + (uint64_t)(t->ptr[n] - '0');
        else
            *ret = UINT32_MAX;
    }
    *t = after(*t, n);
    return n;
}

int64_t tap_milliseconds(struct tap_text t)
{
    int64_t ms = 0;
    size_t i = 0;

    for (; i < t.len && is_digit(t.ptr[i]); i++) {
        if (i == DURATION_DIGITS)
            return -1;
        ms = ms * 10 + (t.ptr[i] - '0');
    }
    if (i == 0)
        return -1;
    if (i + 1 < t.len && t.ptr[i] == '.' && t.ptr[i + 1] >= '5' && t.ptr[i + 1] <= '9')
        ms++;
    return ms;
}

char *tap_unescape(struct tap_text t, size_t *ret_len)
{
    char *s = xcalloc(1, t.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < t.len; i++) {
        bool escape = t.ptr[i] == '\\' && i + 1 < t.len
                      && (t.ptr[i + 1] == '#' || t.ptr[i + 1] == '\\');
        i += escape;
        s[n++] = t.ptr[i];
    }
    *ret_len = n;
    return s;
}

static bool has_word(struct tap_text t, const char *word)
{
    size_t len = strlen(word);

    return t.len >= len && strncasecmp(t.ptr, word, len) == 0;
}

static bool is_word_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* What follows a '#': "SKIP reason", "skipped: reason", "TODO reason", "time=3ms", or a comment
 * that belongs to the description. */
static bool read_directive(struct tap_text t, struct tap_line *l)
{
    size_t end = 4;

    t = tap_trim(t);
    if (has_word(t, "time=")) {
        l->duration_ms = tap_milliseconds(after(t, 5));
        return l->duration_ms >= 0;
    }
    bool skip = has_word(t, "skip"), todo = has_word(t, "todo");
    if (!skip && !todo)
        return false;
    while (skip && end < t.len && is_word_char(t.ptr[end]))
        end++;
    if (end < t.len && is_word_char(t.ptr[end]))
        return false;
    if (end < t.len && t.ptr[end] == ':')
        end++;
    l->directive = skip ? TAP_SKIP : TAP_TODO;
    l->reason = tap_trim(after(t, end));
    return true;
}

/* Cuts the directive off: it begins at a '#' without an escape. */
static void split_directive(struct tap_line *l)
{
    struct tap_text t = l->description;

    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] == '\\')
            i++;
        else if (t.ptr[i] == '#' && (i == 0 || is_blank(t.ptr[i - 1]))
                 && read_directive(after(t, i + 1), l)) {
            t.len = i;
            break;
        }
    }
    l->description = tap_trim(t);
}

/* After "ok" or "not ok". */
static void read_point(struct tap_text t, struct tap_line *l)
{
    if (t.len > 0 && !is_blank(t.ptr[0]))
        return; /* "okay" */
    l->kind = TAP_POINT;
    t = tap_trim(t);
    struct tap_text rest = t;
    if (take_number(&rest, &l->number) > 0 && (rest.len == 0 || is_blank(rest.ptr[0])))
        t = tap_trim(rest);
    else
        l->number = 0;
    if (t.len > 0 && t.ptr[t.len - 1] == '{' && (t.len == 1 || is_blank(t.ptr[t.len - 2]))) {
        l->opens = true;
        t.len--;
        t = tap_trim(t);
    }
    if (tap_starts(t, "- ") || (t.len == 1 && t.ptr[0] == '-'))
        t = tap_trim(after(t, 1));
    l->description = t;
    split_directive(l);
}

/* "1..5", "1..0 # SKIP reason". */
static void read_plan(struct tap_text t, struct tap_line *l)
{
    uint64_t count;

    t = after(t, 3);
    if (take_number(&t, &count) == 0 || (t.len > 0 && !is_blank(t.ptr[0])))
        return;
    t = tap_trim(t);
    if (t.len > 0 && t.ptr[0] != '#')
        return;
    l->kind = TAP_PLAN;
    l->number = count;
    if (t.len > 0 && !read_directive(after(t, 1), l))
        l->reason = tap_trim(after(t, 1));
}

static void read_version(struct tap_text t, struct tap_line *l)
{
    t = after(t, 12);
    if (take_number(&t, &l->number) > 0 && tap_trim(t).len == 0)
        l->kind = TAP_VERSION;
}

static void read_comment(struct tap_text t, struct tap_line *l)
{
    static const char subtest[] = "# Subtest:";

    l->kind = TAP_COMMENT;
    if (!tap_starts(t, subtest))
        return;
    l->kind = TAP_SUBTEST;
    l->description = tap_trim(after(t, strlen(subtest)));
}

struct tap_line tap_line_read(const char *text, size_t len)
{
    struct tap_line l = { .duration_ms = -1 };

    while (l.indent < len && text[l.indent] == ' ')
        l.indent++;
    struct tap_text t = { text + l.indent, len - l.indent };
    while (t.len > 0 && is_blank(t.ptr[t.len - 1]))
        t.len--;
    l.all = t;
    if (tap_starts(t, "ok"))
        read_point(after(t, 2), &l);
    else if (tap_starts(t, "not ok"))
        read_point(after(t, 6), &l);
    else if (tap_starts(t, "1.."))
        read_plan(t, &l);
    else if (tap_starts(t, "#"))
        read_comment(t, &l);
    else if (tap_starts(t, "TAP version "))
        read_version(t, &l);
    else if (tap_starts(t, "pragma "))
        l.kind = TAP_PRAGMA;
    else if (has_word(t, "Bail out!"))
        l.kind = TAP_BAIL_OUT;
    else if (t.len == 1 && t.ptr[0] == '}')
        l.kind = TAP_CLOSE;
    l.ok = l.kind == TAP_POINT && t.ptr[0] == 'o';
    if (l.kind == TAP_BAIL_OUT)
        l.reason = tap_trim(after(t, 9));
    return l;
}

bool tap_file_read(const struct tap_line *line, struct tap_file *ret)
{
    static const char skipped[] = "skipped:";
    struct tap_text t = line->all;
    size_t name = 0, dots = 0;

    while (name < t.len && t.ptr[name] != ' ')
        name++;
    if (line->indent > 0 || name < 3 || memcmp(t.ptr + name - 2, ".t", 2) != 0)
        return false;
    ret->name = (struct tap_text){ t.ptr, name };
    t = tap_trim((struct tap_text){ t.ptr + name, t.len - name });
    while (dots < t.len && t.ptr[dots] == '.')
        dots++;
    t = tap_trim((struct tap_text){ t.ptr + dots, t.len - dots });
    ret->skipped = tap_starts(t, skipped);
    if (ret->skipped)
        ret->reason = tap_trim(
            (struct tap_text){ t.ptr + strlen(skipped), t.len - strlen(skipped) });
    return dots >= 2 && (t.len == 0 || ret->skipped);
}
