/* file_open - opening what must be a regular file, without ever waiting for a fifo. */
#ifndef VALIDATOR_BASE_FILE_OPEN_H
#define VALIDATOR_BASE_FILE_OPEN_H

#include <stdint.h>

struct err;

/* Read-only; the descriptor, or -1.  `ret_size` may be NULL. */
int file_open_regular(const char *path, int64_t *ret_size, struct err **err);

#endif
