/*
 * unpack_dir - making files below one directory by names of hostile origin.
 *
 * Each component of a name is opened from the one before, without following links, and each file
 * is new: whatever a name says, it cannot leave the directory or change what is there.
 */
#ifndef VALIDATOR_ADAPTERS_UNPACK_DIR_H
#define VALIDATOR_ADAPTERS_UNPACK_DIR_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct err;

#define UNPACK_DEPTH_MAX 32 /* directories in one name */

struct unpack_dir {
    int fd;
    int64_t made, made_max; /* files and directories */
    struct strv named;      /* directories with an entry of their own */
};
#define UNPACK_DIR_NONE \
    { \
        .fd = -1 \
    }

int unpack_dir_open(struct unpack_dir *d, const char *path, int64_t made_max, struct err **err);

/* `name` must be path_is_safe(); missing parents are made. */
int unpack_dir_add_dir(struct unpack_dir *d, const char *name, struct err **err);
int unpack_dir_add_file(struct unpack_dir *d, const char *name, mode_t mode, int *ret_fd,
                        struct err **err);

/* ERR_INVALID when a directory was named twice: asked once, at the end. */
int unpack_dir_check(struct unpack_dir *d, struct err **err);

void unpack_dir_release(struct unpack_dir *d);
#define AUTO_UNPACK_DIR __attribute__((cleanup(unpack_dir_release))) struct unpack_dir

#endif
