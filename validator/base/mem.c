/* mem - allocation that aborts instead of failing; see base/mem.h. */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *p)
{
    if (!p) {
        fputs("patchlab: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    /* calloc(0) may give NULL without being out of memory. */
    return or_abort(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
    return or_abort(reallocarray(p, n ? n : 1, size ? size : 1));
}

void *xgrow(void *p, size_t n, size_t size)
{
    return n & (n - 1) ? p : xreallocarray(p, n ? n * 2 : 1, size);
}

char *xstrdup(const char *s)
{
    return s ? or_abort(strdup(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
    return s ? or_abort(strndup(s, n)) : NULL;
}

char *xvasprintf(const char *fmt, va_list ap)
{
    char *s = NULL;

    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    return or_abort(s);
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *s = xvasprintf(fmt, ap);
    va_end(ap);
    return s;
}

/* memcpy: a `char **` is not a `void **`, and reading one as the other breaks aliasing rules. */
void mem_freep(void *pp)
{
    void *p;

    memcpy(&p, pp, sizeof(p));
    free(p);
}

void *mem_take(void *pp)
{
    void *p;
    void *null = NULL;

    memcpy(&p, pp, sizeof(p));
    memcpy(pp, &null, sizeof(null));
    return p;
}
