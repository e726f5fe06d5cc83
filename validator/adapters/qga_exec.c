/*
 * Running one command in the guest.
 *
 * A runner (qga_runner.h) oversees it there: deadline, limit of the output, user, directory.  Its
 * account comes with its exit, in one reply.  An agent that was restarted meanwhile, as by an
 * upgrade of its package, does not know the runner any more: then the account is in a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/qga_runner.h"
#include "adapters/qga_wire.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"

enum {
    SPARE_MS = 30000,  /* for the runner, after the command's deadline */
    ABSENT_MS = 30000, /* how long an agent may take to come back */
    LINE_MAX_BYTES = 128,
};

/* No LC_ALL: perl would look for the locale at each start. */
static const char *const base_env[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "TERM=dumb",
    NULL,
};

/* One command on its way. */
struct job {
    struct qga *g;
    const struct guest_exec *x;
    const char *mark;
    int64_t pid;
    int64_t begin;
    int64_t heard;  /* when the agent last answered */
    bool forgotten; /* by the agent */
};

static int spawn_with(struct job *j, const char *const *interpreter, struct err **err)
{
    const struct guest_exec *x = j->x;
    AUTO_STRV argv = { 0 };
    AUTO_STRV env = { 0 };

    for (const char *const *a = interpreter; *a; a++)
        strv_add(&argv, *a);
    strv_add(&argv, j->mark);
    strv_addf(&argv, "%zu", x->output_max);
    strv_addf(&argv, "%u", QGA_INLINE_MAX);
    strv_addf(&argv, "%lld", (long long)x->timeout_ms);
    strv_add(&argv, x->cwd ? x->cwd : "/");
    strv_add(&argv, x->user ? x->user : "");
    strv_add(&argv, x->scratch ? x->scratch : "");
    strv_add(&argv, "/sys/fs/cgroup");
    strv_add(&argv, x->report ? x->report : "");
    strv_addf(&argv, "%zu", x->report_max);
    for (const char *const *a = x->argv; *a; a++)
        strv_add(&argv, *a);
    for (const char *const *e = base_env; *e; e++)
        strv_add(&env, *e);
    for (const char *const *e = x->env; e && *e; e++)
        strv_add(&env, *e);
    return qga_spawn(j->g, (const char *const *)argv.ptr, (const char *const *)env.ptr, &j->pid,
                     err);
}

static int spawn_once(struct job *j, struct err **err)
{
    static const char *const perl[] = { "/usr/bin/perl", "-e", qga_runner_perl, "--", NULL };
    static const char *const sh[] = { "/bin/sh", "-c", qga_runner_sh, "patchlab", NULL };
    AUTO_ERR e = NULL;

    if (!j->g->no_perl) {
        if (spawn_with(j, perl, &e) == 0)
            return 0;
        if (e->code != ERR_NOT_FOUND) {
            *err = TAKE(e);
            return -1;
        }
        log_debug(LOG_AGENT, "the guest has no perl: commands are overseen by a shell");
        j->g->no_perl = true;
    }
    return spawn_with(j, sh, err);
}

/* When nobody answers, the runner may have been started all the same: its mark makes sure that
 * the command runs once. */
static int spawn(struct job *j, struct err **err)
{
    AUTO_ERR e = NULL;

    if (spawn_once(j, &e) == 0)
        return 0;
    if (e->code != ERR_TIMEOUT) {
        *err = TAKE(e);
        return -1;
    }
    if (j->g->base.ops->wait(&j->g->base, ABSENT_MS, err) < 0)
        return -1;
    return spawn_once(j, err);
}

/* The account in its file: 1 it is there, 0 the runner is still at work. */
static int look_at_file(struct job *j, char **ret_out, size_t *ret_len, struct err **err)
{
    AUTO_FREE char *path = xasprintf("%s/result", j->mark);
    AUTO_FREE char *alive = xasprintf("/proc/%lld/stat", (long long)j->pid);
    AUTO_STR s = STR_INIT(LINE_MAX_BYTES + QGA_INLINE_MAX);
    AUTO_STR ignored = STR_INIT(1);
    bool gone = false;

    for (;;) {
        AUTO_ERR e = NULL;
        if (qga_read(j->g, path, 0, LINE_MAX_BYTES + QGA_INLINE_MAX, &s, &e) == 0) {
            *ret_len = s.len;
            *ret_out = str_take(&s);
            return 1;
        }
        if (e->code != ERR_NOT_FOUND || gone) {
            *err = TAKE(e);
            return -1;
        }
        AUTO_ERR dead = NULL;
        if (qga_read(j->g, alive, 0, 1, &ignored, &dead) == 0)
            return 0;
        gone = true; /* it may have left its account just before */
    }
}

/* 1 the account is here, 0 not yet. */
static int look(struct job *j, char **ret_out, size_t *ret_len, struct err **err)
{
    int code;

    if (j->forgotten)
        return look_at_file(j, ret_out, ret_len, err);
    int rc = qga_status(j->g, j->pid, &code, ret_out, ret_len, err);
    /* A second start with the same mark ends at once, with nothing to say. */
    if (rc == 1 && *ret_len == 0) {
        free(TAKE(*ret_out));
        j->forgotten = true;
        return 0;
    }
    return rc;
}

/* Looking before the quickest command so far would have ended is of no use. */
static int64_t first_pause(const struct job *j)
{
    int64_t pause = j->g->quickest_ms / 4 * 3;

    return pause < j->x->timeout_ms ? pause : j->x->timeout_ms;
}

static int wait_account(struct job *j, char **ret_out, size_t *ret_len, struct err **err)
{
    int64_t deadline = clock_deadline(j->x->timeout_ms + SPARE_MS);

    if (stop_sleep(j->g->stop, first_pause(j), err) < 0)
        return -1;
    for (;;) {
        AUTO_ERR e = NULL;
        int rc = look(j, ret_out, ret_len, &e);
        if (rc > 0)
            return 0;
        if (rc == 0)
            j->heard = clock_mono_ms();
        else if (e->code == ERR_IO && !j->forgotten)
            j->forgotten = true;
        else if (e->code != ERR_TIMEOUT || clock_mono_ms() - j->heard > ABSENT_MS) {
            *err = TAKE(e);
            return -1;
        }
        if (clock_left_ms(deadline) == 0)
            return err_set(err, ERR_GUEST, "it could not be ended after its deadline");
        if (stop_sleep(j->g->stop, qga_pause(clock_mono_ms() - j->begin), err) < 0)
            return -1;
    }
}

/* The runner's first line; `*ret_body` is what follows. */
static int parse_line(const char *out, size_t len, struct guest_result *r, const char **ret_body,
                      struct err **err)
{
    const char *end = memchr(out, '\n', len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    char line[LINE_MAX_BYTES + 1] = "";
    char *at = line;

    if (!end)
        return err_set(err, ERR_GUEST, "the guest ran a command but gave no account of it");
    memcpy(line, out, (size_t)(end - out));
    long long code = strtoll(at, &at, 10), late = strtoll(at, &at, 10);
    long long ms = strtoll(at, &at, 10), total = strtoll(at, &at, 10);
    long long report = strtoll(at, &at, 10);
    if (at == line || *at || code < 0 || code > 255 || late < 0 || late > 1 || ms < 0 || total < 0
        || report < -1)
        return err_set(err, ERR_GUEST, "the guest gave a garbled account of a command");
    r->exit_code = (int)code;
    r->timed_out = late;
    r->duration_ms = ms;
    r->output_total = total;
    r->report_total = report;
    *ret_body = end + 1;
    return 0;
}

static int take_output(struct job *j, const char *body, size_t len, struct guest_result *r,
                       struct err **err)
{
    AUTO_FREE char *path = xasprintf("%s/output", j->mark);
    size_t max = j->x->output_max;

    r->output = (struct str)STR_INIT(max);
    str_add_mem(&r->output, body, len);
    if (len >= QGA_INLINE_MAX && max > len && r->output_total > (int64_t)len
        && qga_read(j->g, path, (int64_t)len, max - len, &r->output, err) < 0)
        return -1;
    if (r->output_total < (int64_t)r->output.len)
        return err_set(err, ERR_GUEST, "the guest gave a garbled account of a command");
    return 0;
}

static int take_report(struct job *j, struct guest_result *r, struct err **err)
{
    AUTO_FREE char *path = xasprintf("%s/report", j->mark);

    r->report = (struct str)STR_INIT(j->x->report_max);
    if (r->report_total <= 0 || !j->x->report || j->x->report_max == 0)
        return 0;
    return qga_read(j->g, path, 0, j->x->report_max, &r->report, err);
}

static int run(struct job *j, struct guest_result *r, struct err **err)
{
    AUTO_FREE char *out = NULL;
    const char *body = NULL;
    size_t len = 0;

    if (spawn(j, err) < 0)
        return -1;
    j->heard = clock_mono_ms();
    if (wait_account(j, &out, &len, err) < 0 || parse_line(out, len, r, &body, err) < 0)
        return -1;
    if (take_output(j, body, len - (size_t)(body - out), r, err) < 0)
        return -1;
    return take_report(j, r, err);
}

int qga_exec(struct guest *guest, const struct guest_exec *x, struct guest_result *ret,
             struct err **err)
{
    struct qga *g = (struct qga *)guest;
    AUTO_FREE char *mark = xasprintf("/run/patchlab-x%u", ++g->serial);
    struct job j = { .g = g, .x = x, .mark = mark, .begin = clock_mono_ms() };
    AUTO_GUEST_RESULT r = { 0 };

    log_debug(LOG_AGENT, "exec %s", x->argv[0]);
    if (run(&j, &r, err) < 0) {
        /* An agent that was there and no longer answers means that the guest is gone. */
        if ((*err)->code == ERR_TIMEOUT || (*err)->code == ERR_NOT_FOUND)
            (*err)->code = ERR_GUEST;
        return err_wrap(err, "run '%s' in the guest", path_base(x->argv[0]));
    }
    int64_t took = clock_mono_ms() - j.begin;
    if (g->quickest_ms == 0 || took < g->quickest_ms)
        g->quickest_ms = took;
    *ret = r;
    r = (struct guest_result){ 0 };
    return 0;
}
