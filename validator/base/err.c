/* err - creating, wrapping and naming errors; the rules stand in base/err.h. */
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *const names[] = {
    [ERR_INVALID] = "invalid", [ERR_NOT_FOUND] = "not-found", [ERR_CONFLICT] = "conflict",
    [ERR_DENIED] = "denied",   [ERR_TIMEOUT] = "timeout",     [ERR_IO] = "io",
    [ERR_CORRUPT] = "corrupt", [ERR_CANCELLED] = "cancelled", [ERR_GUEST] = "guest",
    [ERR_NO_ROOM] = "no-room",
};

/* An error that is already stored must be handled first, not overwritten: assert says so early. */
static int store(struct err **err, enum err_code code, char *msg)
{
    assert(err && !*err);
    *err = xcalloc(1, sizeof(**err));
    (*err)->code = code;
    (*err)->msg = msg;
    return -1;
}

int err_set(struct err **err, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *msg = xvasprintf(fmt, ap);
    va_end(ap);
    return store(err, code, msg);
}

static enum err_code code_of(int errnum)
{
    switch (errnum) {
    case ENOENT:
        return ERR_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return ERR_NO_ROOM;
    default:
        return ERR_IO;
    }
}

int err_set_errno(struct err **err, int errnum, const char *fmt, ...)
{
    /* strerror() is not safe in threads, and its text would follow the locale. */
    const char *why = strerrordesc_np(errnum);
    va_list ap;

    va_start(ap, fmt);
    AUTO_FREE char *what = xvasprintf(fmt, ap);
    va_end(ap);
    store(err, code_of(errnum), xasprintf("%s: %s", what, why ? why : "unknown error"));
    if (errnum == ENOSPC || errnum == EDQUOT)
        err_hint(err, "make room on that file system");
    return -1;
}

int err_wrap(struct err **err, const char *fmt, ...)
{
    va_list ap;

    assert(err && *err);
    va_start(ap, fmt);
    AUTO_FREE char *outer = xvasprintf(fmt, ap);
    va_end(ap);
    AUTO_FREE char *inner = TAKE((*err)->msg);
    (*err)->msg = xasprintf("%s: %s", outer, inner);
    return -1;
}

int err_hint(struct err **err, const char *fmt, ...)
{
    va_list ap;

    assert(err && *err);
    va_start(ap, fmt);
    char *hint = xvasprintf(fmt, ap);
    va_end(ap);
    free((*err)->hint);
    (*err)->hint = hint;
    return -1;
}

const char *err_code_name(enum err_code code)
{
    if ((size_t)code >= ARRAY_LEN(names) || !names[code])
        return "unknown";
    return names[code];
}

void err_free(struct err *err)
{
    if (!err)
        return;
    free(err->msg);
    free(err->hint);
    free(err);
}

void err_clear(struct err **err)
{
    err_free(*err);
    *err = NULL;
}
