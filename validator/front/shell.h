/* shell - a person at the console of a clone; cmd_shell.c. */
#ifndef FRONT_SHELL_H
#define FRONT_SHELL_H

struct cli;
struct clone;
struct err;
struct image;
struct patch;
struct wire;

/* Root's shell on the console of a clone that is there, until it ends or the person leaves; an exit
 * status, or -1.  Needs a terminal. */
int shell_sit_down(struct wire *w, struct clone *clone, struct err **err);

/* A fresh clone, the patch (NULL: none), and root's shell in it: at the terminal, else for the
 * commands of standard input. */
int shell_in_clone(struct cli *c, struct wire *w, const struct image *image,
                   const struct patch *patch, struct err **err);

#endif
