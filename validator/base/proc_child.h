/* proc_child - a child process and the pipes to it; proc.c runs one from start to end. */
#ifndef VALIDATOR_BASE_PROC_CHILD_H
#define VALIDATOR_BASE_PROC_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct err;
struct proc_spec;
struct strv;

struct child {
    pid_t pid;    /* also the id of its process group */
    int pidfd;    /* readable when it has exited; -1 when the kernel has none */
    int out, err; /* non-blocking; -1 once at the end */
};
#define CHILD_NONE ((struct child){ .pid = -1, .pidfd = -1, .out = -1, .err = -1 })

/* Returns when the program runs, or has failed to. */
int child_start(const struct proc_spec *spec, struct child *ret, struct err **err);

/* Leaves the dead child unreaped, so that its number still belongs to us. */
bool child_has_exited(const struct child *c);

void child_signal_group(const struct child *c, int signo);
int child_reap(struct child *c);     /* 0-255, 128 + signal, -1: somebody else has reaped it */
void child_release(struct child *c); /* kills the group, if child_reap() was not called */
#define AUTO_CHILD __attribute__((cleanup(child_release))) struct child

/* The environment of a child: a few harmless names, then what `extra` sets. */
void proc_environment(const char *const *extra, struct strv *ret);

#endif
