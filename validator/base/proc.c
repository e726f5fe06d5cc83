/* proc - one child from start to end, with everything it left behind; see base/proc.h. */
#include "base/proc.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc_child.h"
#include "base/proc_own.h"
#include "base/proc_pump.h"
#include "base/stop.h"
#include "base/unit.h"

enum { TERM_MS = 2000, KILL_MS = 5000, TAIL_MAX = 300 };

static void trace_start(const struct proc_spec *spec)
{
    AUTO_STR line = STR_INIT(2000);

    for (size_t i = 0; spec->argv[i]; i++)
        str_addf(&line, " %s", spec->argv[i]);
    log_write(LOG_PROC, "run%s", line.ptr);
}

/* Asks, insists, and takes what it still says; bounded even when the kernel cannot kill it. */
static void end_group(struct pump *p, int64_t grace_ms)
{
    child_signal_group(p->child, SIGTERM);
    if (pump_run(p, clock_deadline(grace_ms ? grace_ms : TERM_MS), NULL) == PUMP_EXITED)
        return;
    child_signal_group(p->child, SIGKILL);
    pump_run(p, clock_deadline(KILL_MS), NULL);
}

/*
 * The child has exited, but what it started may still run: nothing of a command outlives it.
 * Killing comes before reaping, because only the dead child keeps the group's number ours.
 */
static int clean_up(struct child *c)
{
    child_signal_group(c, SIGKILL);
    if (child_has_exited(c))
        return child_reap(c);
    log_debug(LOG_PROC, "process %d cannot be killed, leaving it behind", (int)c->pid);
    own_remove(c->pid);
    c->pid = -1;
    return 128 + SIGKILL;
}

static int cut_short(const struct proc_spec *spec, enum pump_end end, struct err **err)
{
    AUTO_FREE char *time = unit_duration(spec->timeout_ms);

    if (end == PUMP_STOPPED)
        return err_set(err, ERR_CANCELLED, "'%s' was interrupted", spec->argv[0]);
    return err_set(err, ERR_TIMEOUT, "'%s' did not finish in %s", spec->argv[0], time);
}

static void hand_over(struct pump *p, int exit_code, struct proc_result *ret)
{
    *ret = (struct proc_result){ .exit_code = exit_code, .out = p->out, .err = p->err };
    p->out = (struct str)STR_INIT(0);
    p->err = (struct str)STR_INIT(0);
}

int proc_run(const struct proc_spec *spec, struct proc_result *ret, struct err **err)
{
    AUTO_CHILD c = CHILD_NONE;
    AUTO_PUMP p;

    pump_init(&p, spec, &c);
    if (stop_check(spec->stop, err) < 0)
        return -1;
    if (log_on(LOG_PROC))
        trace_start(spec);
    int64_t deadline = clock_deadline(spec->timeout_ms);
    if (child_start(spec, &c, err) < 0)
        return -1;
    enum pump_end end = pump_run(&p, deadline, spec->stop);
    if (end != PUMP_EXITED)
        end_group(&p, spec->grace_ms);
    int exit_code = clean_up(&c);
    log_debug(LOG_PROC, "'%s' ended with %d", spec->argv[0], exit_code);
    if (end != PUMP_EXITED)
        return cut_short(spec, end, err);
    if (exit_code < 0)
        return err_set(err, ERR_IO, "the exit status of '%s' is lost", spec->argv[0]);
    if (ret)
        hand_over(&p, exit_code, ret);
    return 0;
}

/* The last line that says something, fit for a message; "" when there is none. */
static char *last_line(const struct str *s)
{
    size_t end = s->len;

    while (end > 0 && strchr(" \t\r\n", s->ptr[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && s->ptr[begin - 1] != '\n' && end - begin < TAIL_MAX)
        begin--;
    return str_printable(s->ptr + begin, end - begin, false);
}

int proc_run_ok(const struct proc_spec *spec, struct proc_result *ret, struct err **err)
{
    AUTO_PROC_RESULT r = { 0 };

    if (proc_run(spec, &r, err) < 0)
        return -1;
    if (r.exit_code != 0) {
        AUTO_FREE char *tail = last_line(&r.err);
        return err_set(err, ERR_IO, "'%s' failed with status %d%s%s", spec->argv[0], r.exit_code,
                       *tail ? ": " : "", tail);
    }
    if (ret) {
        *ret = r;
        r = (struct proc_result){ 0 };
    }
    return 0;
}

void proc_result_release(struct proc_result *r)
{
    str_release(&r->out);
    str_release(&r->err);
}
