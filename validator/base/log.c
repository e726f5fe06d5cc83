/* log - debug traces; see base/log.h. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 4096 };

static const char *const names[LOG_COMPONENT_MAX_] = {
    [LOG_LAB] = "lab",     [LOG_AGENT] = "agent", [LOG_PROC] = "proc",
    [LOG_STORE] = "store", [LOG_RUN] = "run",     [LOG_INTAKE] = "intake",
};

#define ALL ((1u << LOG_COMPONENT_MAX_) - 1)
#define ASK_ENVIRONMENT (1u << 31)

/* One bit a component; until someone selects, the environment is asked at the first trace. */
static atomic_uint selected = ASK_ENVIRONMENT;

static unsigned bits_of(const char *name, size_t len)
{
    if (len == 3 && memcmp(name, "all", 3) == 0)
        return ALL;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return 1u << i;
    return 0;
}

static int parse(const char *list, unsigned *ret, struct err **err)
{
    unsigned mask = 0;

    for (const char *p = list; *p;) {
        bool off = *p == '-';
        const char *name = p + off;
        size_t len = strcspn(name, ",");
        unsigned bits = bits_of(name, len);
        if (len > 0 && !bits) {
            AUTO_FREE char *seen = str_printable(name, len, false);
            err_set(err, ERR_INVALID, "unknown debug component '%s'", seen);
            return err_hint(err, "use all, lab, agent, proc, store, run or intake");
        }
        mask = off ? mask & ~bits : mask | bits;
        p = name + len + (name[len] == ',');
    }
    *ret = mask;
    return 0;
}

int log_select(const char *list, struct err **err)
{
    unsigned mask;

    if (parse(list, &mask, err) < 0)
        return -1;
    atomic_store(&selected, mask);
    return 0;
}

static unsigned ask_environment(void)
{
    const char *list = getenv("PATCHLAB_DEBUG");
    AUTO_ERR ignored = NULL; /* front/ checks the variable and tells; here it only means "none" */
    unsigned mask = 0;

    if (list)
        parse(list, &mask, &ignored);
    atomic_store(&selected, mask);
    return mask;
}

bool log_on(enum log_component c)
{
    unsigned mask = atomic_load_explicit(&selected, memory_order_relaxed);

    if (mask & ASK_ENVIRONMENT)
        mask = ask_environment();
    return mask >> c & 1;
}

/* One write() a line, so that lines of threads and processes do not mix. */
void log_write(enum log_component c, const char *fmt, ...)
{
    int saved = errno;
    AUTO_STR line = STR_INIT(LINE_MAX_BYTES);
    int64_t now = clock_mono_ms();
    va_list ap;

    va_start(ap, fmt);
    AUTO_FREE char *text = xvasprintf(fmt, ap);
    va_end(ap);
    AUTO_FREE char *shown = str_printable(text, strlen(text), false);
    str_addf(&line, "debug %" PRId64 ".%03d %s: ", now / 1000, (int)(now % 1000), names[c]);
    str_add(&line, shown);
    line.max++; /* the newline always fits */
    str_add(&line, "\n");
    ssize_t n = write(STDERR_FILENO, line.ptr, line.len);
    (void)n;
    errno = saved;
}
