/* file_open - opening what must be a regular file, without ever waiting for a fifo, and reading
 * pieces of it. */
#ifndef VALIDATOR_BASE_FILE_OPEN_H
#define VALIDATOR_BASE_FILE_OPEN_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* Read-only; the descriptor, or -1.  `ret_size` may be NULL. */
int file_open_regular(const char *path, int64_t *ret_size, struct err **err);

/* All of these bytes; ERR_INVALID: the file ends before.  Errors do not name the file. */
int file_read_at(int fd, int64_t at, void *buf, size_t len, struct err **err);

#endif
