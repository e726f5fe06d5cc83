/*
 * log - debug traces by component, on stderr.
 *
 * Errors are returned, never logged here; results and progress are printed by front/.  This is
 * for the engineer: `PATCHLAB_DEBUG=lab,agent` or `=all` (or --debug) switches components on.
 * A trace that is off costs one test of a bit.  log_debug() preserves errno.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

struct err;

enum log_component {
    LOG_LAB,    /* domains, slots, libvirt */
    LOG_AGENT,  /* guest agent protocol */
    LOG_PROC,   /* child processes */
    LOG_STORE,  /* SQL, migrations */
    LOG_RUN,    /* run steps, lanes */
    LOG_INTAKE, /* archives, packages */
    LOG_COMPONENT_MAX_,
};

/* "all", or names with commas, a leading '-' switches one off ("all,-agent").  ERR_INVALID. */
int log_select(const char *list, struct err **err);
bool log_on(enum log_component c);
void log_write(enum log_component c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(c, ...) \
    do { \
        if (log_on(c)) \
            log_write(c, __VA_ARGS__); \
    } while (0)

#endif
