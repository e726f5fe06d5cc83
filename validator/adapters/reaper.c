/* Adopting and burying QEMU processes; see reaper.h. */
#include "adapters/reaper.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"

enum { DEATH_MS = 5000, POLL_MS = 2, STAT_MAX = 4096 };

/* Without it reaper_poll() could bury a process, and reaper_kill() meet another of the same id. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void reaper_start(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* The session of a child, 0 when it is gone. */
static pid_t session_of(pid_t pid)
{
    AUTO_FREE char *path = xasprintf("/proc/%d/stat", (int)pid);
    AUTO_ERR gone = NULL;
    AUTO_FREE char *stat = file_read(path, STAT_MAX, NULL, &gone);
    const char *at = stat ? strrchr(stat, ')') : NULL;
    int session;

    /* ") Z parent group session" */
    return at && sscanf(at, ") %*c %*d %*d %d", &session) == 1 ? session : 0;
}

/* libvirt's helpers are in our session and waited for by libvirt, its QEMUs are in others; what
 * base/proc.h started is waited for by who did. */
static bool somebody_waits_for(pid_t pid)
{
    return proc_owns(pid) || session_of(pid) == getsid(0);
}

void reaper_kill(pid_t pid)
{
    int64_t deadline = clock_deadline(DEATH_MS);

    pthread_mutex_lock(&lock);
    if (waitpid(pid, NULL, WNOHANG) == 0 && kill(pid, SIGKILL) == 0)
        while (waitpid(pid, NULL, WNOHANG) == 0 && clock_left_ms(deadline) > 0)
            clock_sleep_ms(POLL_MS);
    pthread_mutex_unlock(&lock);
}

void reaper_poll(void)
{
    siginfo_t dead = { 0 };

    pthread_mutex_lock(&lock);
    while (waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 && dead.si_pid) {
        if (somebody_waits_for(dead.si_pid))
            break;
        waitpid(dead.si_pid, NULL, WNOHANG);
        dead.si_pid = 0;
    }
    pthread_mutex_unlock(&lock);
}
