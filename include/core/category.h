/* category - what a server is for; the first four are single-purpose, the others carry custom
 * applications. */
#ifndef CORE_CATEGORY_H
#define CORE_CATEGORY_H

extern const char *const category_names[]; /* NULL-terminated; for FIELD_ENUM(S) */

#endif
