/* Adopting and burying QEMU processes; see reaper.h. */
#include "adapters/reaper.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"

enum { KNOWN_MAX = 256, DEATH_MS = 5000, POLL_MS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t known[KNOWN_MAX]; /* 0: free */

void reaper_start(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Puts `to` in the place of `from`. */
static void swap(pid_t from, pid_t to)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < KNOWN_MAX; i++) {
        if (known[i] == from) {
            known[i] = to;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
}

void reaper_adopt(pid_t pid)
{
    swap(0, pid);
}

void reaper_kill(pid_t pid)
{
    int64_t deadline = clock_deadline(DEATH_MS);

    swap(pid, 0); /* from here on nobody else waits for it */
    if (kill(pid, SIGKILL) != 0)
        return;
    while (waitpid(pid, NULL, WNOHANG) == 0 && clock_left_ms(deadline) > 0)
        clock_sleep_ms(POLL_MS);
}

void reaper_poll(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < KNOWN_MAX; i++)
        if (known[i] && waitpid(known[i], NULL, WNOHANG) != 0)
            known[i] = 0;
    pthread_mutex_unlock(&lock);
}
