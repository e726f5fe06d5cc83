/* The names of the server categories. */
#include "core/category.h"

#include <stddef.h>

const char *const category_names[] = {
    "core", "security", "file-print", "mail", "application", "database", "web", NULL,
};
