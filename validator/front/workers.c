/* A thread for each child process: it does nothing but wait for it; see workers.h. */
#include "front/workers.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/stop.h"
#include "base/str.h"

enum {
    GRACE_MS = 60 * 1000, /* to remove its clones */
    OUTPUT_MAX = 64 << 10,
};
static const int64_t forever_ms = 365LL * 24 * 3600 * 1000;

struct worker {
    struct workers *all;
    pthread_t thread;
    bool started;
    char *problem;
};

struct workers {
    struct worker *ptr;
    int n, running;
    pthread_mutex_t lock;
    struct strv argv;
    struct stop *stop;
    bool loud;
};

static void print_line(void *arg, const char *line)
{
    (void)arg;
    printf("%s\n", line);
    fflush(stdout);
}

static void *work(void *arg)
{
    struct worker *k = arg;
    struct workers *w = k->all;
    struct proc_spec spec = {
        .argv = (const char *const *)w->argv.ptr,
        .out_max = 0,
        .err_max = OUTPUT_MAX,
        .timeout_ms = forever_ms,
        .stop = w->stop,
        .grace_ms = GRACE_MS,
        .on_line = w->loud ? print_line : NULL,
    };
    AUTO_ERR e = NULL;

    if (proc_run_ok(&spec, NULL, &e) < 0 && e->code != ERR_CANCELLED)
        k->problem = xstrdup(e->msg);
    pthread_mutex_lock(&w->lock);
    w->running--;
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void fill_argv(struct workers *w, const struct workers_plan *p)
{
    char self[PATH_MAX] = "";
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    strv_add(&w->argv, len > 0 ? self : "patchlab");
    strv_add(&w->argv, "work");
    strv_add(&w->argv, "--progress=none");
    strv_addf(&w->argv, "--state=%s", p->state);
    strv_addf(&w->argv, "--standby=%d", p->standby);
    if (p->drain)
        strv_add(&w->argv, "--drain");
    for (size_t i = 0; i < p->count; i++)
        strv_addf(&w->argv, "--run=%lld", (long long)p->only[i]);
}

/* Signals belong to the main thread: its stop must see them. */
static void start_one(struct worker *k)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    k->started = pthread_create(&k->thread, NULL, work, k) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct workers *workers_start(int n, const struct workers_plan *plan)
{
    struct workers *w = xcalloc(1, sizeof(*w));

    w->loud = plan->loud;
    w->ptr = xcalloc((size_t)n, sizeof(*w->ptr));
    w->n = w->running = n;
    w->stop = stop_new();
    pthread_mutex_init(&w->lock, NULL);
    fill_argv(w, plan);
    for (int i = 0; i < n; i++) {
        w->ptr[i].all = w;
        start_one(&w->ptr[i]);
        if (!w->ptr[i].started) {
            pthread_mutex_lock(&w->lock);
            w->running--;
            pthread_mutex_unlock(&w->lock);
        }
    }
    return w;
}

int workers_running(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    int n = w->running;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void workers_stop(struct workers *w)
{
    stop_raise(w->stop, SIGTERM);
}

void workers_end(struct workers *w, char **ret_problem)
{
    *ret_problem = NULL;
    for (int i = 0; i < w->n; i++) {
        struct worker *k = &w->ptr[i];
        if (k->started)
            pthread_join(k->thread, NULL);
        if (!*ret_problem)
            *ret_problem = TAKE(k->problem);
        free(k->problem);
    }
    pthread_mutex_destroy(&w->lock);
    stop_free(w->stop);
    strv_release(&w->argv);
    free(w->ptr);
    free(w);
}
