/* recipe_builder - runs build.sh and watches it; see adapters/recipe_builder.h. */
#include "adapters/recipe_builder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/unit.h"

enum {
    EXIT_CANNOT = 2, /* this host cannot build it */
    TAIL_MAX = 4096, /* of the log, when we look for the last words */
    REMOVE_MS = 10 * 60 * 1000,
};

static const char step_mark[] = "==> ";

/* A build runs behind a proxy, or for one, as the person at the terminal does. */
static const char *const passed_on[] = {
    "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
};

/* A build with its paths absolute, as the command runs in a directory of its own. */
struct job {
    const struct build *b;
    char *program, *output, *work, *log;
    int log_fd;
};

static void job_release(struct job *j)
{
    free(j->program);
    free(j->output);
    free(j->work);
    free(j->log);
    fd_closep(&j->log_fd);
}
#define AUTO_JOB __attribute__((cleanup(job_release))) struct job

/*
 * Never across a mount that a killed build of root left behind.  The tree that a build of a normal
 * user unpacks belongs to the sub-ids of that user: only root of such a user namespace can remove
 * it.
 */
static int remove_work(const char *work, struct err **err)
{
    static const char *const in_namespace[] = { "unshare", "--map-root-user", "--map-auto" };
    const char *const in_host[] = { "rm", "-rf", "--one-file-system", "--", work };
    const char *argv[ARRAY_LEN(in_namespace) + ARRAY_LEN(in_host) + 1] = { NULL };
    const struct proc_spec spec = { .argv = argv, .err_max = TAIL_MAX, .timeout_ms = REMOVE_MS };
    AUTO_ERR not_ours = NULL;
    size_t n = 0;

    if (geteuid() != 0 && dir_remove(work, &not_ours) == 0)
        return 0;
    for (size_t i = 0; not_ours && i < ARRAY_LEN(in_namespace); i++)
        argv[n++] = in_namespace[i];
    for (size_t i = 0; i < ARRAY_LEN(in_host); i++)
        argv[n++] = in_host[i];
    return proc_run_ok(&spec, NULL, err);
}

/* --- before --------------------------------------------------------------------------------- */

static char *absolute_file(const char *path, struct err **err)
{
    AUTO_FREE char *dir = path_dir(path);
    AUTO_FREE char *real = path_absolute(dir, err);

    return real ? path_join(real, path_base(path)) : NULL;
}

static char *find_program(const struct build *b, struct err **err)
{
    bool in_dir = strchr(b->command, '/') && b->command[0] != '/';
    AUTO_FREE char *dir = path_absolute(b->dir, err);
    AUTO_FREE char *path = in_dir && dir ? path_join(dir, b->command) : xstrdup(b->command);
    AUTO_FREE char *found = dir ? proc_find(path) : NULL;
    struct stat st;

    if (found || !dir)
        return TAKE(found);
    if (in_dir && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        err_set(err, ERR_INVALID, "the build command '%s' is not executable", b->command);
        err_hint(err, "chmod +x '%s'", path);
    } else {
        err_set(err, ERR_INVALID, "there is no build command '%s'", b->command);
        err_hint(err, "it is the path of a file below '%s' (./build.sh), or a program", b->dir);
    }
    return NULL;
}

static int prepare(const struct build *b, struct job *j, struct err **err)
{
    if (remove_work(b->work, err) < 0 || dir_make(b->work, 0700, err) < 0)
        return -1;
    j->work = path_absolute(b->work, err);
    j->output = j->work ? absolute_file(b->output, err) : NULL;
    j->log = j->output ? absolute_file(b->log, err) : NULL;
    j->program = j->log ? find_program(b, err) : NULL;
    if (!j->program)
        return -1;
    unlink(j->output);
    j->log_fd = open(j->log, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (j->log_fd < 0)
        return err_set_errno(err, errno, "cannot create '%s'", b->log);
    return 0;
}

/* --- while it runs -------------------------------------------------------------------------- */

/* What cannot be logged is lost: a full disk ends the build by itself. */
static void on_line(void *arg, const char *line)
{
    const struct job *j = arg;
    const size_t mark = strlen(step_mark);

    (void)dprintf(j->log_fd, "%s\n", line);
    if (!j->b->on_step || !str_starts(line, step_mark))
        return;
    AUTO_FREE char *step = str_printable(line + mark, strlen(line + mark), false);
    j->b->on_step(j->b->arg, step);
}

static void set_environment(const struct job *j, struct strv *ret)
{
    strv_addf(ret, "PATCHLAB_OUTPUT=%s", j->output);
    strv_addf(ret, "PATCHLAB_SIZE=%lld", (long long)j->b->size);
    strv_addf(ret, "PATCHLAB_WORK=%s", j->work);
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
        const char *value = getenv(passed_on[i]);
        if (value)
            strv_addf(ret, "%s=%s", passed_on[i], value);
    }
}

static int cut_short(const struct build *b, struct err *why, struct err **err)
{
    AUTO_FREE char *time = unit_duration(b->timeout_ms);

    if (why->code == ERR_CANCELLED)
        return err_set(err, ERR_CANCELLED, "the build was interrupted");
    if (why->code == ERR_TIMEOUT) {
        err_set(err, ERR_TIMEOUT, "the build did not finish in %s", time);
        return err_hint(err, "give it more time with 'timeout' below 'build' in image.yaml");
    }
    return err_set(err, why->code, "%s", why->msg);
}

/* The exit code.  The shell lets stderr go to the log, in its place between our lines. */
static int run_command(struct job *j, struct err **err)
{
    const char *const argv[] = { "/bin/sh",  "-c",   "exec 2>>\"$1\"; exec \"$0\"",
                                 j->program, j->log, NULL };
    AUTO_STRV env = { 0 };
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    set_environment(j, &env);
    struct proc_spec spec = {
        .argv = argv,
        .env = (const char *const *)env.ptr,
        .cwd = j->b->dir,
        .timeout_ms = j->b->timeout_ms,
        .stop = j->b->stop,
        .on_line = on_line,
        .arg = j,
    };
    if (proc_run(&spec, &r, &e) < 0)
        return cut_short(j->b, e, err);
    return r.exit_code;
}

/* --- after ---------------------------------------------------------------------------------- */

/* The last line of the log that is not one of the steps; "" when there is none. */
static char *last_words(int fd)
{
    char tail[TAIL_MAX + 1];
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, tail, TAIL_MAX, size > TAIL_MAX ? size - TAIL_MAX : 0);
    char *state = NULL, *last = NULL;

    tail[n > 0 ? n : 0] = '\0';
    for (char *line = strtok_r(tail, "\r\n", &state); line; line = strtok_r(NULL, "\r\n", &state))
        if (line[strspn(line, " \t")] != '\0' && !str_starts(line, step_mark))
            last = line;
    return last ? str_printable(last, strlen(last), false) : xstrdup("");
}

static int check_exit(const struct job *j, int exit_code, struct err **err)
{
    if (exit_code == 0)
        return 0;
    AUTO_FREE char *said = last_words(j->log_fd);
    const char *colon = *said ? ": " : "";
    if (exit_code == EXIT_CANNOT)
        return err_set(err, ERR_NOT_FOUND, "this host cannot build it%s%s", colon, said);
    return err_set(err, ERR_IO, "the build command '%s' failed with status %d%s%s", j->b->command,
                   exit_code, colon, said);
}

static int check_output(const struct job *j, struct err **err)
{
    struct stat st;

    if (lstat(j->output, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        return 0;
    err_set(err, ERR_INVALID, "the build command '%s' ended well but left no disk", j->b->command);
    return err_hint(err, "it has to write the disk to the file which $PATCHLAB_OUTPUT names");
}

static int build(struct job *j, struct err **err)
{
    int exit_code = prepare(j->b, j, err) < 0 ? -1 : run_command(j, err);

    if (exit_code < 0 || check_exit(j, exit_code, err) < 0)
        return -1;
    return check_output(j, err);
}

static int run(const struct build *b, struct err **err)
{
    AUTO_JOB j = { .b = b, .log_fd = -1 };
    AUTO_ERR ignored = NULL; /* the build's own fate is what matters */
    int rc = build(&j, err);

    if (rc < 0)
        unlink(b->output);
    remove_work(b->work, &ignored);
    return rc;
}

static int clean(const char *work, struct err **err)
{
    return remove_work(work, err);
}

const struct builder_ops recipe_builder_ops = {
    .run = run,
    .clean = clean,
};
