/* The mailbox between lane threads and the thread that owns the store; see event.h. */
#include "core/event.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

struct letter {
    struct event event;
    struct letter *next;
};

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t posted;
    struct letter *first, **last;
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *m = xcalloc(1, sizeof(*m));
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->posted, &attr);
    pthread_condattr_destroy(&attr);
    m->last = &m->first;
    return m;
}

void mailbox_free(struct mailbox *m)
{
    struct event e;

    if (!m)
        return;
    while (mailbox_take(m, 0, &e))
        json_decref(e.body);
    pthread_cond_destroy(&m->posted);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

void mailbox_post(struct mailbox *m, const char *kind, bool evidence, json_t *body)
{
    struct letter *l = xcalloc(1, sizeof(*l));

    l->event = (struct event){ .kind = kind, .body = body, .evidence = evidence };
    pthread_mutex_lock(&m->lock);
    *m->last = l;
    m->last = &l->next;
    pthread_cond_signal(&m->posted);
    pthread_mutex_unlock(&m->lock);
}

static struct timespec moment_after(int64_t ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

bool mailbox_take(struct mailbox *m, int64_t ms, struct event *ret)
{
    struct timespec until = moment_after(ms);
    int rc = 0;

    pthread_mutex_lock(&m->lock);
    while (!m->first && ms > 0 && rc == 0)
        rc = pthread_cond_timedwait(&m->posted, &m->lock, &until);
    struct letter *l = m->first;
    if (l) {
        m->first = l->next;
        if (!m->first)
            m->last = &m->first;
    }
    pthread_mutex_unlock(&m->lock);
    if (!l)
        return false;
    *ret = l->event;
    free(l);
    return true;
}
