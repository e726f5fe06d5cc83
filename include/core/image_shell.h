/*
 * image_shell - a fresh clone for a person who wants to look around, with a patch when asked for.
 *
 * It is no run: nothing of it is recorded, and nothing is left when the clone is destroyed.
 *
 * Calling sequence: image_shell_clone() -> image_shell_apply() when there is a patch ->
 * image_shell_run() or image_shell_script() -> clone->destroy().  The site's stop ends each of them
 * with ERR_CANCELLED.
 */
#ifndef CORE_IMAGE_SHELL_H
#define CORE_IMAGE_SHELL_H

#include <stdbool.h>
#include <stddef.h>

struct clone;
struct err;
struct guest_result;
struct image;
struct image_progress;
struct lab;
struct patch;
struct site;
struct testcase;

#define IMAGE_SHELL_SCRIPT_MAX (64u << 10)

struct image_shell_plan {
    const struct image *image;
    const struct patch *patch;       /* on the disc in its drive; NULL: none */
    const struct testcase *testcase; /* the same, out of its directory */
    bool cold;                       /* not from the warm image */
};

/* Starts it and waits until it is ready; that it does not get ready is told and no error. */
int image_shell_clone(const struct site *site, struct lab *lab, const struct image_shell_plan *plan,
                      const struct image_progress *progress, struct clone **ret, struct err **err);

/* How it ended is in the result; *ret_problem (the caller's) says in half a sentence why the patch
 * is not applied, NULL: it is. */
int image_shell_apply(const struct site *site, struct clone *c, const struct patch *patch,
                      struct guest_result *ret, char **ret_problem, struct err **err);
/* Takes it out again.  ERR_NOT_FOUND: it cannot be. */
int image_shell_undo(const struct site *site, struct clone *c, const struct patch *patch,
                     struct guest_result *ret, char **ret_problem, struct err **err);

/*
 * A shell of root on the serial console, until it ends; its exit status.  Somebody has to read the
 * other end of the console meanwhile.  A guest that reboots gets another shell.
 */
struct image_screen {
    int rows, columns;
    const char *term; /* value of $TERM; NULL: a plain terminal */
};
int image_shell_run(struct clone *c, const struct image_screen *screen, int *ret, struct err **err);

/* Commands for a shell of root that nobody sits at, at most IMAGE_SHELL_SCRIPT_MAX bytes. */
int image_shell_script(struct clone *c, const char *text, size_t len, struct guest_result *ret,
                       struct err **err);

#endif
