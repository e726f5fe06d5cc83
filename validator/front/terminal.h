/*
 * terminal - a person's terminal, connected to the console of a guest.
 *
 *     AUTO_TERMINAL t = TERMINAL_NONE;
 *     if (terminal_open(&t, err) < 0) ...
 *     switch (terminal_relay(&t, console, done, stop_fd)) ...
 *
 * From terminal_open() to terminal_close() each key goes to the guest as it is, Ctrl-C too; the key
 * Ctrl-] leaves.  Nothing here blocks for longer than poll() does, whoever does not read.
 */
#ifndef FRONT_TERMINAL_H
#define FRONT_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct err;
struct stop;

struct terminal {
    int in, out; /* descriptors of its own, -1: closed */
    struct termios before;
};
/* clang-format off */
#define TERMINAL_NONE { .in = -1, .out = -1 }
/* clang-format on */

bool terminal_is_there(void); /* standard input and output are one */

/* Until standard input can be read, whatever it is.  A stop ends it, also while nothing comes. */
int terminal_await(const struct stop *stop, struct err **err);

/* Its size, or that of a plain one. */
void terminal_size(int *ret_rows, int *ret_columns);

int terminal_open(struct terminal *t, struct err **err);
void terminal_close(struct terminal *t); /* it is as it was before */
#define AUTO_TERMINAL __attribute__((cleanup(terminal_close))) struct terminal

enum relay_end {
    RELAY_LEFT,    /* by Ctrl-], or the terminal is gone */
    RELAY_DONE,    /* `done` can be read or has hung up, or the console has */
    RELAY_STOPPED, /* `stop` can be read */
};

/* Connects both until one of these ends; -1 as `done` or `stop`: there is none. */
enum relay_end terminal_relay(const struct terminal *t, int console, int done, int stop);

#endif
