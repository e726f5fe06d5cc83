/*
 * temp_file - a new file that appears under its name complete and on disk, or not at all.
 *
 *     AUTO_TEMP_FILE t = TEMP_FILE_NONE;
 *     temp_file_open(&t, path, mode, err); ... write to t.fd ...; temp_file_commit(&t, err);
 *
 * What is not committed is removed at the end of the scope.
 */
#ifndef VALIDATOR_BASE_TEMP_FILE_H
#define VALIDATOR_BASE_TEMP_FILE_H

#include <sys/types.h>

struct err;

struct temp_file {
    int fd;
    char *path; /* where it is going */
    char *temp; /* where it is until then, in the same directory */
};
#define TEMP_FILE_NONE ((struct temp_file){ .fd = -1 })

/* The mode is exact, whatever the umask: other users (QEMU's) must find what was meant. */
int temp_file_open(struct temp_file *t, const char *path, mode_t mode, struct err **err);

/* fsync, rename over `path`, fsync of the directory. */
int temp_file_commit(struct temp_file *t, struct err **err);

void temp_file_release(struct temp_file *t);
#define AUTO_TEMP_FILE __attribute__((cleanup(temp_file_release))) struct temp_file

/* A name beside `path` that is not in use; the caller frees. */
char *temp_file_name(const char *path);

#endif
