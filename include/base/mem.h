/* mem - allocation that cannot fail (it aborts), and ownership that shows. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
/* Room for one more behind the `n` items of `p`, which began as NULL.  The capacity is not stored:
 * it doubles at each power of 2. */
void *xgrow(void *p, size_t n, size_t size);
char *xstrdup(const char *s); /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

void mem_freep(void *pp); /* free(*pp), for AUTO_FREE */
#define AUTO_FREE __attribute__((cleanup(mem_freep)))

/* Hand over: returns *pp and leaves NULL behind. */
void *mem_take(void *pp);
#define TAKE(p) (0 ? (p) : mem_take(&(p)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
