/*
 * http_part - what has arrived of a download: TO.part, and TO.part-tag with the ETag or date that
 * it belongs to.
 *
 * Calling sequence: http_part_open() -> http_part_restart() and http_part_write() ... ->
 * http_part_commit() -> http_part_release().  What is not committed stays for the next time.
 */
#ifndef VALIDATOR_ADAPTERS_HTTP_PART_H
#define VALIDATOR_ADAPTERS_HTTP_PART_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct http_part {
    const char *to;
    char *path, *tag_path;
    char *tag; /* NULL: none */
    int fd;
    int64_t size;
};
/* clang-format off */
#define HTTP_PART_NONE { .fd = -1 }
/* clang-format on */

int http_part_open(struct http_part *p, const char *to, struct err **err);
int http_part_restart(struct http_part *p, const char *tag, struct err **err); /* tag may be NULL */
int http_part_write(struct http_part *p, const void *data, size_t len, struct err **err);
int http_part_commit(struct http_part *p, struct err **err); /* it is TO from now on */
void http_part_drop(struct http_part *p);                    /* removes it */
void http_part_release(struct http_part *p);
#define AUTO_HTTP_PART __attribute__((cleanup(http_part_release))) struct http_part

#endif
