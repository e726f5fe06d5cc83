/* put_file - a file for a test, with the directories above it; fails the test when it cannot be. */
#ifndef FAKES_PUT_FILE_H
#define FAKES_PUT_FILE_H

#include <sys/types.h>

void put_file(const char *dir, const char *name, const char *text, mode_t mode);

#endif
