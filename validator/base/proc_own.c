/* Which children are ours to bury; see proc_own.h. */
#include "base/proc_own.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/proc.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t *pids;
static size_t count;

void own_begin(void)
{
    pthread_mutex_lock(&lock);
}

void own_end(pid_t pid)
{
    if (pid > 0) {
        pids = xreallocarray(pids, count + 1, sizeof(*pids));
        pids[count++] = pid;
    }
    pthread_mutex_unlock(&lock);
}

void own_remove(pid_t pid)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == pid) {
            pids[i] = pids[--count];
            break;
        }
    }
    if (count == 0) {
        free(pids);
        pids = NULL;
    }
    pthread_mutex_unlock(&lock);
}

bool proc_owns(pid_t pid)
{
    bool found = false;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++)
        found |= pids[i] == pid;
    pthread_mutex_unlock(&lock);
    return found;
}
