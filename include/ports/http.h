/*
 * http - downloads: one URL into one file, under limits.
 *
 * What arrives is collected in TO.part, and TO is replaced in one step when it is complete.  A
 * download that was cut off leaves TO.part behind, and the next one of the same TO goes on where
 * it ended, if the server can tell that the content is the same (If-Range by ETag or date) or the
 * URL itself names its content (`immutable`; then the caller checks a digest).
 *
 * A server that is not trusted cannot do more than waste the time that it is given: size, time,
 * silence and redirects are limited, TLS is always verified, https never leads to http, and a
 * redirect never to a file.  What may pass (no connection, silence, cut off, 408, 429, 5xx) is
 * tried again after a pause that doubles, or that the server asks for (Retry-After).
 *
 * Errors, with the URL in the message: ERR_INVALID a bad URL, more bytes than allowed, too many
 * redirects; ERR_NOT_FOUND (404, 410, no such file); ERR_DENIED (401, 403, a certificate that
 * does not hold); ERR_TIMEOUT; ERR_CANCELLED; ERR_NO_ROOM; else ERR_IO.
 */
#ifndef PORTS_HTTP_H
#define PORTS_HTTP_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct http;
struct stop;

struct http_get {
    const char *url; /* http:, https: or file:; without user and password */
    const char *to;  /* its directory exists */
    int64_t max_bytes;
    int64_t size;                /* what it must be; -1: not known */
    bool immutable;              /* the content of this URL never changes */
    const char *etag, *modified; /* of the answer that one has already; NULL: none */
    int64_t timeout_ms;          /* for all of it, with the pauses */
    int64_t stall_ms;            /* so long without (hardly) a byte is silence */
    int64_t pause_ms;            /* before the second attempt; then twice as long each time */
    int redirects, attempts;
    const struct stop *stop;
    void (*progress)(void *arg, int64_t got, int64_t total); /* total -1: unknown; may be NULL */
    void *arg;
};
#define HTTP_GET_DEFAULT \
    { \
        .size = -1, .timeout_ms = 3600 * 1000, .stall_ms = 30 * 1000, .pause_ms = 1000, \
        .redirects = 5, .attempts = 4 \
    }

struct http_answer {
    bool unchanged;        /* it is what `etag` or `modified` stand for; TO was not touched */
    char *etag, *modified; /* for the next time; NULL: not said */
    int64_t size;
    int64_t resumed_at; /* bytes of it that were there before */
};

struct http_ops {
    int (*get)(struct http *h, const struct http_get *get, struct http_answer *ret,
               struct err **err);
    void (*close)(struct http *h);
};

/* An implementation starts with this. */
struct http {
    const struct http_ops *ops;
};

void http_answer_release(struct http_answer *a);
#define AUTO_HTTP_ANSWER __attribute__((cleanup(http_answer_release))) struct http_answer

#endif
