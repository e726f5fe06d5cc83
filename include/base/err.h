/*
 * err - the one error object.
 *
 * A function that can fail takes `struct err **err` last and returns -1 (or
 * NULL) after storing an error there.  On success `*err` is left untouched.
 *
 * The error is created where the failure is seen, with a message naming the
 * action and the object ("cannot open '/srv/x': Permission denied").  A caller
 * that can say more adds its own half-sentence in front with err_wrap().
 * Only the outermost layer (front/) prints; nothing below it logs an error.
 *
 * Grammar of a message: lower case, no full stop, the failure first, the
 * object in single quotes, one unbroken literal.  What the user can do about
 * it goes into the hint, a half-sentence of its own.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_code {
    ERR_INVALID = 1, /* the caller's input is wrong */
    ERR_NOT_FOUND,   /* the named thing does not exist */
    ERR_CONFLICT,    /* the stored state forbids it now (lease over, run still going) */
    ERR_DENIED,      /* a gate or a permission refuses it */
    ERR_TIMEOUT,     /* a deadline passed */
    ERR_IO,          /* the outside world failed us: file system, libvirt, a child process */
    ERR_CORRUPT,     /* stored data contradicts itself */
    ERR_CANCELLED,   /* a person or a signal stopped it */
    ERR_GUEST,       /* a clone's guest panicked, went off or does not answer */
    ERR_NO_ROOM,     /* disk or memory is full */
};

struct err {
    enum err_code code;
    char *msg;  /* never NULL */
    char *hint; /* what the user can do; may be NULL */
};

/* Both return -1, so that creation and return are one statement. */
int err_set(struct err **err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_wrap(struct err **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* err_set() with ": strerror(errnum)" at the end; ENOENT becomes ERR_NOT_FOUND, ENOSPC
 * and EDQUOT ERR_NO_ROOM, with a hint; others ERR_IO. */
int err_set_errno(struct err **err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds (or replaces) the hint of a stored error; returns -1. */
int err_hint(struct err **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *err_code_name(enum err_code code); /* "invalid", "not-found", ... */
void err_free(struct err *err);                /* NULL is fine */
void err_clear(struct err **err);              /* frees and leaves NULL: the failure was handled */

static inline void err_freep(struct err **err)
{
    err_free(*err);
}
#define AUTO_ERR __attribute__((cleanup(err_freep))) struct err *

#endif
