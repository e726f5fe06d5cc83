/* dir_open - opening and reading a directory without ever following a symlink. */
#ifndef VALIDATOR_BASE_DIR_OPEN_H
#define VALIDATOR_BASE_DIR_OPEN_H

#include <dirent.h>

DIR *dir_open_at(int parent, const char *name); /* NULL and errno */

/* Skips "." and ".."; NULL at the end (errno 0) or on a failure (errno). */
const struct dirent *dir_next(DIR *dir);

void dir_closep(DIR **dir); /* keeps errno */
#define AUTO_DIR __attribute__((cleanup(dir_closep))) DIR *

#endif
