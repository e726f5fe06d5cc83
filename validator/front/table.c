/* Rows in columns; see table.h. */
#include "front/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { GAP = 2 };

static void add_cells(struct table *t, const char *first, va_list ap)
{
    for (const char *cell = first; cell; cell = va_arg(ap, const char *)) {
        AUTO_FREE char *shown = str_printable(cell, strlen(cell), false);
        strv_add(&t->cells, shown);
    }
}

struct table table_new(const char *first, ...)
{
    struct table t = { 0 };
    va_list ap;

    va_start(ap, first);
    add_cells(&t, first, ap);
    va_end(ap);
    t.columns = t.cells.len;
    return t;
}

void table_add(struct table *t, const char *first, ...)
{
    va_list ap;

    va_start(ap, first);
    add_cells(t, first, ap);
    va_end(ap);
}

/* Columns on the screen: one for each character, whatever its bytes. */
static size_t width(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static size_t widest(const struct table *t, size_t column)
{
    size_t max = 0;

    for (size_t i = column; i < t->cells.len; i += t->columns) {
        size_t w = width(t->cells.ptr[i]);
        max = w > max ? w : max;
    }
    return max;
}

void table_print(const struct table *t, FILE *to)
{
    AUTO_FREE size_t *widths = xcalloc(t->columns, sizeof(*widths));

    for (size_t k = 0; k < t->columns; k++)
        widths[k] = widest(t, k);
    for (size_t i = 0; i < t->cells.len; i++) {
        size_t k = i % t->columns;
        fputs(t->cells.ptr[i], to);
        if (k + 1 == t->columns)
            fputc('\n', to);
        else
            fprintf(to, "%*s", (int)(widths[k] - width(t->cells.ptr[i])) + GAP, "");
    }
}

void table_print_below(const struct table *t)
{
    if (t->cells.len <= t->columns)
        return;
    putchar('\n');
    table_print(t, stdout);
}

void table_release(struct table *t)
{
    strv_release(&t->cells);
}
