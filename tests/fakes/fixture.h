/*
 * fixture - a state directory with a store, blobs and the rows that a run needs, for unit tests.
 *
 *     static void something(void **state)
 *     {
 *         AUTO_FIXTURE f = fixture_open();
 *         int64_t run = fixture_run(&f, "web-01", "web-02", NULL);   a run without a verdict
 *         AUTO_ERR e = NULL;
 *
 *         fixture_verdict(&f, run, "pass");
 *         expect_ok(signoff_add(f.s, run, ROLE_OWNER, "ann", ...) == 0, &e);
 *         expect_err(ERR_DENIED, "as owner already", &e);
 *     }
 *
 * Everything that fails inside fails the test.  The header brings cmocka's own with it.
 */
#ifndef FAKES_FIXTURE_H
#define FAKES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "store/blob.h"
#include "store/store.h"

struct fixture {
    char *dir; /* private, removed at the end */
    struct store *s;
    struct blobs *b;
};

struct fixture fixture_open(void);
void fixture_close(struct fixture *f); /* puts the real clock back, too */
#define AUTO_FIXTURE __attribute__((cleanup(fixture_close))) struct fixture

void fixture_shut(struct fixture *f);   /* closes store and blobs: before fork() */
void fixture_reopen(struct fixture *f); /* closes (if open) and opens them again */

/* Rows; each call makes a new digest.  `servers` end with NULL. */
int64_t fixture_image(struct fixture *f, const char *name, const char *const *servers);
int64_t fixture_patch(struct fixture *f, const char *name);
int64_t fixture_run_of(struct fixture *f, int64_t image, int64_t patch);

/* A run of a new patch on a new image that stands for the named servers (NULL at the end). */
int64_t fixture_run(struct fixture *f, ...) __attribute__((sentinel));

/* Ends the run as the run machine does: an evidence record and the columns of the row. */
void fixture_verdict(struct fixture *f, int64_t run, const char *verdict);

/* One record without meaning, in a transaction of its own. */
void fixture_record(struct fixture *f, int64_t run, const char *text);

/* SQL through a connection of its own without foreign keys and CHECKs: what an intruder could do.
 * fixture_drop_triggers() takes the append-only guards away first. */
void fixture_raw(struct fixture *f, const char *sql);
void fixture_drop_triggers(struct fixture *f);

int64_t fixture_count(struct fixture *f, const char *sql); /* one integer */

/* The wall clock stands still at `ms` until it is set again. */
void fixture_time(int64_t ms);

/* Prints the error that was not expected; `part` must be in the message.  Both leave *e NULL. */
void expect_ok(bool ok, struct err **e);
void expect_err(enum err_code code, const char *part, struct err **e);

/* Runs `child` in a process of its own; fixture_wait() is true when it returned 0. */
int64_t fixture_fork(int (*child)(void *arg), void *arg);
bool fixture_wait(int64_t pid);

#endif
