/*
 * file - files and directories, with limits, atomically.
 *
 * All descriptors are O_CLOEXEC.  Paths of hostile origin never come here unchecked: see
 * path_is_safe().
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct strv;

/* The whole file as a NUL-terminated buffer the caller frees; more than `max` bytes is an error,
 * and so is a directory, fifo or device.  `ret_len` may be NULL.  ERR_NOT_FOUND when there is
 * none. */
char *file_read(const char *path, size_t max, size_t *ret_len, struct err **err);

/* Temporary file, fsync, rename, fsync of the directory: after a crash the old or the new.  The
 * mode of what is created here is exact, whatever the umask. */
int file_write(const char *path, const void *data, size_t len, mode_t mode, struct err **err);

/* Reflink where the file system can, else copy_file_range(), sparse holes kept; the new file is
 * complete and on disk, or not there. */
int file_copy(const char *from, const char *to, mode_t mode, struct err **err);

/* Hard link, or file_copy() across file systems; replaces `to` in one step.  A link shares the
 * mode of `from`. */
int file_link_or_copy(const char *from, const char *to, mode_t mode, struct err **err);

bool file_exists(const char *path);
bool dir_exists(const char *path); /* and is a directory, perhaps by a link */
int dir_make(const char *path, mode_t mode, struct err **err); /* with parents; existing is fine */
/* The tree; never follows symlinks; absent is fine. */
int dir_remove(const char *path, struct err **err);
int dir_sync(const char *path, struct err **err);

/* Names of the entries without "." and "..", sorted by bytes. */
int dir_list(const char *path, struct strv *ret, struct err **err);

/* Every regular file below `root`, as sorted relative paths.  A symlink, device, socket or fifo,
 * or more than `max_files`, is an error that names it. */
int dir_walk(const char *root, size_t max_files, struct strv *ret, struct err **err);

/* A fresh private directory (0700) below `parent`, NULL: $TMPDIR or /tmp; the caller frees. */
char *dir_temp(const char *parent, const char *prefix, struct err **err);

/* Relative, no "." or ".." or empty component, no control character, at most 4096 bytes. */
bool path_is_safe(const char *path);
char *path_join(const char *a, const char *b); /* "a/b", also when b begins with a slash */
const char *path_base(const char *path);
char *path_dir(const char *path); /* the caller frees; "." when there is no slash */
char *path_absolute(const char *path, struct err **err); /* realpath() of an existing thing */

/*
 * Advisory locks.  The lock lives as long as the descriptor; the kernel lets go when the process
 * dies, however it dies.  Returns the descriptor, or -1: ERR_CONFLICT when another holds it.
 */
int file_lock(const char *path, bool wait, struct err **err);

/* Bytes that an unprivileged writer can still write on the file system of `path`; -1 = unknown. */
int64_t file_room(const char *path);

void fd_closep(int *fd);
#define AUTO_FD __attribute__((cleanup(fd_closep))) int

/* Removes the tree when the scope ends, unless the path was TAKEn. */
void dir_removep(char **path);
#define AUTO_TEMPDIR __attribute__((cleanup(dir_removep))) char *

#endif
