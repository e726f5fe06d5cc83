/* str - the growing string with a limit, and small questions about strings; see base/str.h. */
#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Shared by all empty strings: never written to, because every write grows first. */
char str_empty[1] = "";

/* Doubles as long as the limit allows it, so that many small additions stay linear. */
static void grow(struct str *s, size_t need)
{
    size_t cap = s->cap ? s->cap : 16;

    while (cap < need)
        cap *= 2;
    if (cap > s->max)
        cap = s->max + 1;
    s->ptr = xreallocarray(s->cap ? s->ptr : NULL, cap, 1);
    s->cap = cap;
}

void str_add_mem(struct str *s, const void *mem, size_t len)
{
    size_t room = s->max > s->len ? s->max - s->len : 0;

    if (len > room) {
        s->truncated = true;
        len = room;
    }
    if (len == 0)
        return;
    if (s->len + len >= s->cap)
        grow(s, s->len + len + 1);
    memcpy(s->ptr + s->len, mem, len);
    s->len += len;
    s->ptr[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_add_mem(s, text, strlen(text));
}

void str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    AUTO_FREE char *text = xvasprintf(fmt, ap);
    va_end(ap);
    str_add(s, text);
}

void str_clear(struct str *s)
{
    s->len = 0;
    s->truncated = false;
    if (s->cap)
        s->ptr[0] = '\0';
}

char *str_take(struct str *s)
{
    char *text = s->cap ? s->ptr : xstrdup("");

    *s = (struct str)STR_INIT(s->max);
    return text;
}

void str_release(struct str *s)
{
    if (s->cap)
        free(s->ptr);
    *s = (struct str)STR_INIT(s->max);
}

bool str_eq(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

int str_index(const char *const *list, const char *s)
{
    for (int i = 0; list[i]; i++) {
        if (str_eq(list[i], s))
            return i;
    }
    return -1;
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t len = strlen(s);
    size_t tail = strlen(suffix);

    return len >= tail && memcmp(s + len - tail, suffix, tail) == 0;
}

void str_lower(char *s)
{
    for (; *s; s++) {
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s - 'A' + 'a');
    }
}

void str_swap(char *s, char from, char to)
{
    for (; *s; s++) {
        if (*s == from)
            *s = to;
    }
}
