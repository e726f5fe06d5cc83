/*
 * Running one command in the guest.
 *
 * A wrapper script runs it in a session of its own, keeps the first bytes of its output, counts the
 * rest, and takes the time.  It prints one line, "<status> <uptime before> <uptime after> <dropped
 * bytes>", and then the kept output.  Under TCG each program that the wrapper starts costs some
 * 50 ms, so it starts few.
 *
 * When the deadline passes, a second script kills the session, and whatever else still carries the
 * command's mark in its environment; the wrapper then ends by itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/qga_wire.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

enum { SPARE_MS = 30000, LINE_MAX_BYTES = 128 };

/* $1 prefix of the scratch files, $2 kept bytes, $3 directory, $4 user or "", then the command.
 * Background jobs must not hold the agent's pipe: they write elsewhere.  A daemon that the command
 * left behind may hold the fifo: the wrapper waits a moment for the end of it, not for ever. */
static const char wrapper[] =
    "d=$1 max=$2 cwd=$3 user=$4; shift 4\n"
    "umask 077; mkfifo \"$d.p\" || exit 1\n"
    "{ head -c \"$max\" >\"$d.out\"; wc -c >\"$d.rest\"; } <\"$d.p\" >/dev/null 2>&1 &\n"
    "umask 022; export PATCHLAB_EXEC=$d\n"
    "if [ -n \"$user\" ]; then set -- runuser -u \"$user\" -- \"$@\"; fi\n"
    "read -r t0 x </proc/uptime\n"
    "(cd \"$cwd\" && exec setsid \"$@\") </dev/null >\"$d.p\" 2>&1 &\n"
    "job=$!; echo $job >\"$d.pid\"\n"
    "wait $job; rc=$?\n"
    "read -r t1 x </proc/uptime\n"
    "i=0; while [ ! -s \"$d.rest\" ] && [ $i -lt 20 ]; do sleep 0.1; i=$((i + 1)); done\n"
    "rest=0; [ ! -s \"$d.rest\" ] || read -r rest <\"$d.rest\"\n"
    "echo \"$rc $t0 $t1 $rest\"\n"
    "head -c 524288 \"$d.out\"\n";

/* $1 the same prefix. */
static const char killer[] =
    "read -r job <\"$1.pid\"; kill -KILL -- \"-$job\" \"$job\"\n"
    "for e in /proc/[0-9]*/environ; do\n"
    "    p=${e#/proc/}; p=${p%/environ}\n"
    "    if grep -qsz \"^PATCHLAB_EXEC=$1\\$\" \"$e\"; then kill -KILL \"$p\"; fi\n"
    "done";

static const char *const base_env[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LC_ALL=C.UTF-8",
    "TERM=dumb",
    NULL,
};

static int spawn_wrapped(struct qga *g, const struct guest_exec *x, const char *mark,
                         int64_t *ret_pid, struct err **err)
{
    AUTO_STRV argv = { 0 };
    AUTO_STRV env = { 0 };

    strv_add(&argv, "/bin/sh");
    strv_add(&argv, "-c");
    strv_add(&argv, wrapper);
    strv_add(&argv, "patchlab");
    strv_add(&argv, mark);
    strv_addf(&argv, "%zu", x->output_max);
    strv_add(&argv, x->cwd ? x->cwd : "/");
    strv_add(&argv, x->user ? x->user : "");
    for (const char *const *a = x->argv; *a; a++)
        strv_add(&argv, *a);
    for (const char *const *e = base_env; *e; e++)
        strv_add(&env, *e);
    for (const char *const *e = x->env; e && *e; e++)
        strv_add(&env, *e);
    return qga_spawn(g, (const char *const *)argv.ptr, (const char *const *)env.ptr, ret_pid, err);
}

/* Both scripts that nobody waits for. */
static void spawn_script(struct qga *g, const char *script, const char *mark)
{
    const char *const argv[] = { "/bin/sh", "-c", script, "patchlab", mark, NULL };
    AUTO_ERR ignored = NULL;
    int64_t pid;

    qga_spawn(g, argv, base_env, &pid, &ignored);
}

/* "123.45" seconds, to milliseconds. */
static int64_t parse_uptime(char **at)
{
    long long s = strtoll(*at, at, 10);
    long long hundredths = **at == '.' ? strtoll(*at + 1, at, 10) : 0;

    return s * 1000 + hundredths * 10;
}

/* The wrapper's first line; `*ret_body` is what follows, `*ret_dropped` what was not kept. */
static int parse_line(const char *out, size_t len, struct guest_result *r, const char **ret_body,
                      int64_t *ret_dropped, struct err **err)
{
    const char *end = memchr(out, '\n', len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    char line[LINE_MAX_BYTES + 1] = "";
    char *at = line;

    if (!end)
        return err_set(err, ERR_GUEST, "the guest ran a command but gave no account of it");
    memcpy(line, out, (size_t)(end - out));
    long long code = strtoll(at, &at, 10);
    int64_t begin = parse_uptime(&at), finish = parse_uptime(&at);
    long long dropped = strtoll(at, &at, 10);
    if (at == line || *at || code < 0 || code > 255 || finish < begin || dropped < 0)
        return err_set(err, ERR_GUEST, "the guest gave a garbled account of a command");
    r->exit_code = (int)code;
    r->duration_ms = finish - begin;
    *ret_dropped = dropped;
    *ret_body = end + 1;
    return 0;
}

static int take_output(struct qga *g, const struct guest_exec *x, const char *mark,
                       const char *body, size_t len, struct guest_result *r, struct err **err)
{
    AUTO_FREE char *path = xasprintf("%s.out", mark);

    r->output = (struct str)STR_INIT(x->output_max);
    str_add_mem(&r->output, body, len);
    if (len < QGA_INLINE_MAX || x->output_max <= QGA_INLINE_MAX)
        return 0;
    return qga_read(g, path, (int64_t)len, x->output_max - len, &r->output, err);
}

/* The wrapper's account, killing the command at its deadline. */
static int wait_wrapper(struct qga *g, const struct guest_exec *x, const char *mark, int64_t pid,
                        bool *ret_late, char **ret_out, size_t *ret_len, struct err **err)
{
    AUTO_ERR e = NULL;
    int code;

    *ret_late = false;
    if (qga_wait_exit(g, pid, x->timeout_ms, &code, ret_out, ret_len, &e) == 0)
        return 0;
    if (e->code != ERR_TIMEOUT) {
        *err = TAKE(e);
        return -1;
    }
    *ret_late = true;
    spawn_script(g, killer, mark);
    if (qga_wait_exit(g, pid, SPARE_MS, &code, ret_out, ret_len, err) == 0)
        return 0;
    if ((*err)->code == ERR_TIMEOUT)
        (*err)->code = ERR_GUEST;
    return err_wrap(err, "kill it after its deadline");
}

static int run_wrapped(struct qga *g, const struct guest_exec *x, const char *mark,
                       struct guest_result *r, struct err **err)
{
    AUTO_FREE char *out = NULL;
    const char *body = NULL;
    int64_t pid, dropped = 0;
    size_t len = 0;

    if (spawn_wrapped(g, x, mark, &pid, err) < 0
        || wait_wrapper(g, x, mark, pid, &r->timed_out, &out, &len, err) < 0
        || parse_line(out, len, r, &body, &dropped, err) < 0
        || take_output(g, x, mark, body, len - (size_t)(body - out), r, err) < 0)
        return -1;
    r->output_total = (int64_t)r->output.len + dropped;
    return 0;
}

int qga_exec(struct guest *guest, const struct guest_exec *x, struct guest_result *ret,
             struct err **err)
{
    struct qga *g = (struct qga *)guest;
    AUTO_FREE char *mark = xasprintf("/run/patchlab-x%u", ++g->serial);
    AUTO_GUEST_RESULT r = { 0 };

    log_debug(LOG_AGENT, "exec %s", x->argv[0]);
    if (run_wrapped(g, x, mark, &r, err) < 0) {
        /* An agent that was there and no longer answers means that the guest is gone. */
        if ((*err)->code == ERR_TIMEOUT)
            (*err)->code = ERR_GUEST;
        return err_wrap(err, "run '%s' in the guest", path_base(x->argv[0]));
    }
    spawn_script(g, "rm -f \"$1\".*", mark);
    *ret = r;
    r = (struct guest_result){ 0 };
    return 0;
}
