/* Connection, event loop and errors of libvirt; see lv_conn.h. */
#include "adapters/lv_conn.h"

#include <libvirt/virterror.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "adapters/reaper.h"
#include "base/log.h"
#include "base/mem.h"

enum { HEARTBEAT_MS = 200 };

static void heartbeat(int timer, void *opaque)
{
    (void)timer;
    (void)opaque;
    reaper_poll();
}

static void swallow(void *opaque, virErrorPtr e)
{
    (void)opaque;
    log_debug(LOG_LAB, "libvirt: %s", e && e->message ? e->message : "unknown error");
}

static void *event_loop(void *arg)
{
    (void)arg;
    for (;;)
        virEventRunDefaultImpl();
    return NULL;
}

/* Signals belong to the main thread: its stop must see them. */
static int start_thread(struct err **err)
{
    sigset_t all, before;
    pthread_t thread;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&thread, NULL, event_loop, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        return err_set_errno(err, rc, "cannot start libvirt's event loop");
    pthread_detach(thread);
    return 0;
}

static int start_events(const char *log_file, struct err **err)
{
    static bool started;
    AUTO_FREE char *outputs = xasprintf("3:file:%s", log_file);

    if (started)
        return 0;
    setenv("LIBVIRT_LOG_OUTPUTS", outputs, 0);
    /* With the first VM libvirt loads a module for network disks if it is installed.  A module that
     * is newer than the driver counts as a new libvirt: it would probe QEMU anew, in each process,
     * when it opens and again at the second VM. */
    setenv("LIBVIRT_STORAGE_FILE_DIR", "/nonexistent", 0);
    if (virInitialize() < 0)
        return lv_err_set(err, "cannot initialise libvirt");
    virSetErrorFunc(NULL, swallow);
    if (virEventRegisterDefaultImpl() < 0
        || virEventAddTimeout(HEARTBEAT_MS, heartbeat, NULL, NULL) < 0)
        return lv_err_set(err, "cannot set up libvirt's event loop");
    if (start_thread(err) < 0)
        return -1;
    started = true;
    return 0;
}

virConnectPtr lv_open(const char *uri, const char *log_file, struct err **err)
{
    if (start_events(log_file, err) < 0)
        return NULL;
    virConnectPtr conn = virConnectOpen(uri);
    if (!conn) {
        lv_err_set(err, "cannot connect to libvirt at '%s'", uri);
        err_hint(err, "run 'patchlab doctor' to see what is missing");
    }
    return conn;
}

static enum err_code code_of(int libvirt_code)
{
    switch (libvirt_code) {
    case VIR_ERR_AGENT_UNRESPONSIVE:
    case VIR_ERR_AGENT_UNSYNCED:
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_OPERATION_INVALID:
        return ERR_GUEST;
    case VIR_ERR_OPERATION_TIMEOUT:
        return ERR_TIMEOUT;
    default:
        return ERR_IO;
    }
}

int lv_err_set(struct err **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    AUTO_FREE char *what = xvasprintf(fmt, ap);
    va_end(ap);
    return err_set(err, code_of(virGetLastErrorCode()), "%s: %s", what, virGetLastErrorMessage());
}
