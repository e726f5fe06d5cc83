/* stop - the one flag that ends every wait; see base/stop.h. */
#include "base/stop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

struct stop {
    atomic_bool raised;
    atomic_int signo;
    int fd;
};

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static _Atomic(struct stop *) on_signal;

struct stop *stop_new(void)
{
    struct stop *s = xcalloc(1, sizeof(*s));

    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->fd < 0) {
        perror("patchlab: cannot create an event descriptor");
        abort();
    }
    return s;
}

void stop_free(struct stop *s)
{
    if (!s)
        return;
    if (atomic_load(&on_signal) == s)
        stop_on_signals(NULL);
    close(s->fd);
    free(s);
}

/* Runs in signal handlers: atomics and write() only, errno kept. */
void stop_raise(struct stop *s, int signo)
{
    int saved = errno;
    uint64_t one = 1;
    int none = 0;

    if (!s)
        return;
    if (signo)
        atomic_compare_exchange_strong(&s->signo, &none, signo);
    if (!atomic_exchange(&s->raised, true)) {
        /* The counter of a fresh eventfd cannot be full, so this cannot fail. */
        ssize_t n = write(s->fd, &one, sizeof(one));
        (void)n;
    }
    errno = saved;
}

bool stop_raised(const struct stop *s)
{
    return s && atomic_load(&s->raised);
}

int stop_signal(const struct stop *s)
{
    return s ? atomic_load(&s->signo) : 0;
}

int stop_fd(const struct stop *s)
{
    return s ? s->fd : -1;
}

int stop_check(const struct stop *s, struct err **err)
{
    if (stop_raised(s))
        return err_set(err, ERR_CANCELLED, "interrupted");
    return 0;
}

static void wait_real(const struct stop *s, int64_t ms)
{
    int64_t deadline = clock_deadline(ms);

    while (!stop_raised(s)) {
        struct pollfd p = { .fd = stop_fd(s), .events = POLLIN };
        int64_t left = clock_left_ms(deadline);

        if (left == 0)
            return;
        poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX);
    }
}

int stop_sleep(const struct stop *s, int64_t ms, struct err **err)
{
    /* A test's clock only moves when it is asked to sleep; poll() would wait in real time. */
    if (clock_is_real())
        wait_real(s, ms);
    else if (!stop_raised(s))
        clock_sleep_ms(ms);
    return stop_check(s, err);
}

static void handle(int signo)
{
    stop_raise(atomic_load(&on_signal), signo);
}

static bool is_ignored(int signo)
{
    struct sigaction old;

    return sigaction(signo, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

void stop_on_signals(struct stop *s)
{
    struct sigaction sa = { .sa_handler = s ? handle : SIG_DFL, .sa_flags = SA_RESTART };

    atomic_store(&on_signal, s);
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        /* nohup(1) asked for SIGHUP to be ignored; respect that. */
        if (caught[i] == SIGHUP && is_ignored(SIGHUP))
            continue;
        sigaction(caught[i], &sa, NULL);
    }
}
