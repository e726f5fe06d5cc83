/*
 * table - rows in columns for people: as wide as what is in them, two blanks between.
 *
 *     AUTO_TABLE t = table_new("NAME", "SIZE", NULL);
 *     table_add(&t, "web", "1.2 GiB", NULL);
 *     table_print(&t, stdout);
 *
 * Cells are hostile until proven otherwise: they are made printable here.
 */
#ifndef FRONT_TABLE_H
#define FRONT_TABLE_H

#include <stdio.h>

#include "base/str.h"

struct table {
    size_t columns;
    struct strv cells; /* the titles first */
};

struct table table_new(const char *first, ...) __attribute__((sentinel));
/* As many cells as there are titles; a NULL among them would end the list: give "-" or "". */
void table_add(struct table *t, const char *first, ...) __attribute__((sentinel));
void table_print(const struct table *t, FILE *to);
/* On standard output, behind an empty line; nothing when no row was added. */
void table_print_below(const struct table *t);
void table_release(struct table *t);
#define AUTO_TABLE __attribute__((cleanup(table_release))) struct table

#endif
