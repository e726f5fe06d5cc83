/* builder - runs the build command of an image recipe on the host. */
#ifndef PORTS_BUILDER_H
#define PORTS_BUILDER_H

#include <stdint.h>

struct err;
struct stop;

struct build {
    const char *dir;     /* the recipe: working directory, read-only by convention */
    const char *command; /* relative to dir, or a program */
    const char *output;  /* where the disk has to appear; nothing is there after an error */
    const char *work;    /* scratch directory: made, and removed at the end in any case */
    const char *log;     /* everything it prints goes to this file */
    int64_t size;        /* virtual size of the disk, bytes */
    int64_t timeout_ms;
    const struct stop *stop;
    void (*on_step)(void *arg, const char *step); /* "==> " lines; may be NULL */
    void *arg;
};

struct builder_ops {
    int (*run)(const struct build *b, struct err **err);
    /* Removes the scratch directory of a build that was killed; absent is fine. */
    int (*clean)(const char *work, struct err **err);
};

#endif
