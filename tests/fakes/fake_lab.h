/*
 * fake_lab - a lab, its clones and their guests, from a script and in memory.
 *
 *     struct fake_lab lab;
 *     fake_lab_init(&lab);
 *     fake_lab_answer(&lab, (struct fake_answer){ .part = "checks/a", .exit = 1 });
 *     lab.lanes[LANE_CANDIDATE].fail_at = 7;          the 7th call of this lane fails
 *     lab.lanes[LANE_CANDIDATE].code = ERR_GUEST;     as if the guest were gone
 *     ... lane_run() or run_execute() with &lab.lab ...
 *     lab.lanes[LANE_CANDIDATE].calls                 "clone", "wait", "exec:ready", ...
 *
 * A raised stop ends every call with ERR_CANCELLED, as in a lab that is real.
 *
 * A clone whose label begins with "run" is of the baseline lane when it ends with "a", else of the
 * candidate lane; all others are of `other`.  Each has its own counters, so lanes may run at the
 * same time; look at them afterwards.
 *
 * save() writes DIR/memory, also when it fails; warm_facts() looks for it.
 *
 * standby() is a call of `other`; a clone of a warm image takes a standby when there is one.
 */
#ifndef FAKES_FAKE_LAB_H
#define FAKES_FAKE_LAB_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "core/stage.h"
#include "ports/archive.h"
#include "ports/guest.h"
#include "ports/lab.h"
#include "ports/pkgmgr.h"
#include "ports/restarter.h"

/* What a command says whose arguments have one that ends with `part`; the first that fits counts.
 * One that no answer fits ends with 0 and prints nothing. */
struct fake_answer {
    const char *part;
    bool patched;   /* only in a guest in which the patch was applied */
    bool rebooted;  /* only after a reboot */
    bool restarted; /* only after services were restarted */
    bool undone;    /* only after the patch was undone */
    int from;       /* only from the n-th time on that it runs in its clone; 0: always */
    int clone;      /* only in the lane's n-th clone, counted from 1; 0: in all */
    int exit;
    bool timed_out;
    const char *output;
    const char *report; /* what it leaves where a report is asked for; NULL: nothing */
    bool refuses;       /* the agent does not run it: ERR_IO */
    bool hangs;         /* until the clone's stop is raised: ERR_CANCELLED */
};

/* How a lane went, and what shall go wrong in it. */
struct fake_lane {
    int fail_at; /* 0: nothing */
    enum err_code code;

    struct strv calls; /* "clone", "wait", "exec:PROGRAM", "mount", "reboot", "save" */
    struct strv files; /* that were written: "PATH USER=BYTES" */
    int clones, destroyed, pictures;
    int warm_clones; /* of the clones, those that were restored */
    char *last_payload;
    bool patched, restarted, undone, stays;
    int reboots;
    struct strv ran; /* in this clone, the last argument of each command */
    /* Of the last command. */
    char *last_user, *last_cwd, *last_env, *last_scratch, *last_report;
    char *last_argv; /* joined with '|' */
    int64_t last_timeout_ms;
    size_t last_output_max;
};

struct fake_lab {
    struct lab lab;
    struct fake_lane lanes[LANE_MAX_], other;
    int standbys, standby_calls;
    const char *unusable; /* why warm images are of no use here; NULL: they are */
    struct fake_answer answers[16];
    size_t answer_count;
};

void fake_lab_init(struct fake_lab *l);
void fake_lab_answer(struct fake_lab *l, struct fake_answer a);
void fake_lab_forget(struct fake_lab *l); /* counters and failures; the answers stay */
void fake_lab_release(struct fake_lab *l);
#define AUTO_FAKE_LAB __attribute__((cleanup(fake_lab_release))) struct fake_lab

/* Number of the first call of this name, counted from 1; 0 when there is none. */
int fake_lane_call(const struct fake_lane *l, const char *name);

/*
 * A package manager of kind "deb" in such a guest: "exec:apply", "exec:list", "exec:state" (its
 * exit status 0 says that a patched guest wants a reboot; the words "broken", "held", "conffile" in
 * its answer say that there is one).  The lists hold "openssl", which the patch brings from 1 to 2.
 */
extern const struct pkgmgr fake_pkgmgr;
extern const struct pkgmgr *const fake_pkgmgrs[];

/* "exec:stale" and "exec:restart" in such a guest.  A word of the answer of the former is a process
 * whose unit is WORD.service, with "!" one that is not restarted; "?" is an answer that cannot be
 * understood. */
extern const struct restarter fake_restarter;

/* write_disc() writes the lines "MODE PATH" in place of a disc; the others are NULL. */
extern const struct archive_ops fake_archive;

#endif
