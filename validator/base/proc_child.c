/*
 * proc_child - starting a child from a program that has threads; see proc_child.h.
 *
 * Between fork() and execve() the child may only call what is safe in a signal handler: another
 * thread may have held any lock at the moment of the fork.  So all that allocates (paths,
 * environment, pipes) is prepared before, in struct plan.
 */
#include "base/proc_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/proc_own.h"
#include "base/str.h"

struct plan {
    const char *program, *cwd;
    char *const *argv, *const *env;
    int in, out, err;
    int status; /* failure is reported here; execve() closes it */
    pid_t parent;
};

struct failure {
    bool in_chdir;
    int errnum;
};

struct pipe {
    int read, write;
};
#define PIPE_NONE ((struct pipe){ -1, -1 })

static void pipe_close(struct pipe *p)
{
    fd_closep(&p->read);
    fd_closep(&p->write);
}
#define AUTO_PIPE __attribute__((cleanup(pipe_close))) struct pipe

/* dup2() in the child must never overwrite a descriptor that is still to be used. */
static int above_stdio(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    fd_closep(&fd);
    return moved;
}

static int pipe_open(struct pipe *ret, struct err **err)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_set_errno(err, errno, "cannot create a pipe");
    ret->read = above_stdio(fds[0]);
    ret->write = above_stdio(fds[1]);
    if (ret->read < 0 || ret->write < 0)
        return err_set_errno(err, errno, "cannot create a pipe");
    return 0;
}

/* A file in memory: unlike a pipe it needs no pumping, and a child that does not read it does no
 * harm. */
static int input_open(const struct proc_spec *spec, struct err **err)
{
    if (!spec->input)
        return above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
    AUTO_FD fd = above_stdio(memfd_create("input", MFD_CLOEXEC));
    const char *p = spec->input;
    size_t left = spec->input_len;
    while (fd >= 0 && left > 0) {
        ssize_t n = write(fd, p, left);
        if (n < 0 && errno != EINTR)
            return err_set_errno(err, errno, "cannot store the input of '%s'", spec->argv[0]);
        p += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0)
        return err_set_errno(err, errno, "cannot store the input of '%s'", spec->argv[0]);
    int opened = fd;
    fd = -1;
    return opened;
}

/* --- in the child, before execve() --- */

static void reset_signals(void)
{
    const struct sigaction sa = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        sigaction(i, &sa, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_others(void)
{
    struct rlimit limit;

    if (close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    /* A kernel before 5.11. */
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = 1024;
    for (int fd = STDERR_FILENO + 1; (rlim_t)fd < limit.rlim_cur; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static _Noreturn void child_main(const struct plan *p)
{
    struct failure f = { 0 };

    /* A session of its own is a process group of its own, and has no terminal on which a program
     * such as ssh could wait for a password. */
    setsid();
    /* When patchlab is killed with -9 nobody else ends the child.  Caveat: the signal comes when
     * the *thread* that forked ends; proc_run() returns only after the child, so that thread
     * lives.  The parent may have died before prctl(), hence the look at getppid(). */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != p->parent)
        _exit(127);
    dup2(p->in, STDIN_FILENO);
    dup2(p->out, STDOUT_FILENO);
    dup2(p->err, STDERR_FILENO);
    close_others();
    reset_signals();
    f.in_chdir = p->cwd && chdir(p->cwd) != 0;
    if (!f.in_chdir)
        execve(p->program, p->argv, p->env);
    f.errnum = errno;
    ssize_t n = write(p->status, &f, sizeof(f));
    (void)n;
    _exit(127);
}

/* --- in the parent --- */

/* Signals stay blocked until the child has reset their handlers: ours must not run in it. */
static pid_t fork_quietly(const struct plan *p)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    own_begin();
    pid_t pid = fork();
    if (pid == 0)
        child_main(p);
    int why = errno;
    own_end(pid);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return pid;
}

/* The other end is closed by execve(), or after a failure was written. */
static int await_exec(const struct proc_spec *spec, int status, struct err **err)
{
    struct failure f;
    ssize_t n;

    do
        n = read(status, &f, sizeof(f));
    while (n < 0 && errno == EINTR);
    if (n != sizeof(f))
        return 0;
    if (f.in_chdir)
        return err_set_errno(err, f.errnum, "cannot change to directory '%s'", spec->cwd);
    return err_set_errno(err, f.errnum, "cannot run '%s'", spec->argv[0]);
}

static int fork_plan(const struct proc_spec *spec, struct plan *p, struct child *c,
                     struct err **err)
{
    AUTO_PIPE status = PIPE_NONE;

    if (pipe_open(&status, err) < 0)
        return -1;
    p->status = status.write;
    p->parent = getpid();
    c->pid = fork_quietly(p);
    if (c->pid < 0)
        return err_set_errno(err, errno, "cannot start '%s'", spec->argv[0]);
    fd_closep(&status.write);
    c->pidfd = pidfd_open(c->pid, 0);
    return await_exec(spec, status.read, err);
}

static int missing(const char *name, struct err **err)
{
    err_set(err, ERR_NOT_FOUND, "program '%s' is not installed", name);
    return err_hint(err, "install the package that contains '%s'", name);
}

int child_start(const struct proc_spec *spec, struct child *ret, struct err **err)
{
    AUTO_FREE char *program = proc_find(spec->argv[0]);
    AUTO_CHILD c = CHILD_NONE;
    AUTO_STRV env = { 0 };
    AUTO_PIPE out = PIPE_NONE;
    AUTO_PIPE errors = PIPE_NONE;

    if (!program)
        return missing(spec->argv[0], err);
    proc_environment(spec->env, &env);
    AUTO_FD in = input_open(spec, err);
    if (in < 0 || pipe_open(&out, err) < 0 || pipe_open(&errors, err) < 0)
        return -1;
    struct plan p = {
        .program = program,
        .cwd = spec->cwd,
        .env = env.ptr,
        .in = in,
        .out = out.write,
        .err = errors.write,
    };
    memcpy(&p.argv, &spec->argv, sizeof(p.argv)); /* execve() does not write to the strings */
    if (fork_plan(spec, &p, &c, err) < 0)
        return -1;
    fcntl(out.read, F_SETFL, O_NONBLOCK);
    fcntl(errors.read, F_SETFL, O_NONBLOCK);
    c.out = out.read;
    c.err = errors.read;
    out.read = -1;
    errors.read = -1;
    *ret = c;
    c = CHILD_NONE;
    return 0;
}

bool child_has_exited(const struct child *c)
{
    siginfo_t info = { 0 };
    int rc = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT);

    /* ECHILD: we were started with SIGCHLD ignored, and the kernel has reaped for us. */
    return rc != 0 || info.si_pid != 0;
}

void child_signal_group(const struct child *c, int signo)
{
    kill(-c->pid, signo);
}

int child_reap(struct child *c)
{
    int status = 0;
    pid_t pid;

    do
        pid = waitpid(c->pid, &status, 0);
    while (pid < 0 && errno == EINTR);
    own_remove(c->pid);
    c->pid = -1;
    if (pid < 0)
        return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_release(struct child *c)
{
    if (c->pid > 0) {
        child_signal_group(c, SIGKILL);
        child_reap(c);
    }
    fd_closep(&c->pidfd);
    fd_closep(&c->out);
    fd_closep(&c->err);
}
