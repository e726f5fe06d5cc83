/* strv - the growing list of owned strings; see base/str.h. */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SLOTS_MIN = 8 };

/*
 * The capacity is not stored: it is the smallest power of two (at least SLOTS_MIN) that holds the
 * strings and the NULL, so it changes exactly when the slots in use are such a power.
 */
static void add_owned(struct strv *v, char *s)
{
    size_t used = v->len ? v->len + 1 : 0;

    if (used == 0)
        v->ptr = xreallocarray(v->ptr, SLOTS_MIN, sizeof(*v->ptr));
    else if (used >= SLOTS_MIN && (used & (used - 1)) == 0)
        v->ptr = xreallocarray(v->ptr, used * 2, sizeof(*v->ptr));
    v->ptr[v->len++] = s;
    v->ptr[v->len] = NULL;
}

void strv_add(struct strv *v, const char *s)
{
    add_owned(v, xstrdup(s ? s : ""));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *s = xvasprintf(fmt, ap);
    va_end(ap);
    add_owned(v, s);
}

bool strv_has(const struct strv *v, const char *s)
{
    for (size_t i = 0; i < v->len; i++)
        if (strcmp(v->ptr[i], s) == 0)
            return true;
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *v)
{
    if (v->len > 1)
        qsort(v->ptr, v->len, sizeof(*v->ptr), by_bytes);
}

bool strv_has_sorted(const struct strv *v, const char *s)
{
    return v->len > 0 && bsearch(&s, v->ptr, v->len, sizeof(*v->ptr), by_bytes);
}

char *strv_join(const struct strv *v, const char *sep)
{
    struct str s = STR_INIT(SIZE_MAX / 2);

    for (size_t i = 0; i < v->len; i++) {
        if (i > 0)
            str_add(&s, sep);
        str_add(&s, v->ptr[i]);
    }
    return str_take(&s);
}

void strv_release(struct strv *v)
{
    for (size_t i = 0; i < v->len; i++)
        free(v->ptr[i]);
    free(v->ptr);
    *v = (struct strv){ 0 };
}
