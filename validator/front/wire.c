/* The site of this process, from real adapters; see wire.h. */
#include "front/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/apt_solver.h"
#include "adapters/curl_http.h"
#include "adapters/feeds.h"
#include "adapters/gpgv.h"
#include "adapters/libarchive.h"
#include "adapters/libvirt_domains.h"
#include "adapters/libvirt_lab.h"
#include "adapters/observe.h"
#include "adapters/pkgmgrs.h"
#include "adapters/qemu_img.h"
#include "adapters/recipe_builder.h"
#include "adapters/restart_systemd.h"
#include "adapters/result_formats.h"
#include "adapters/scanners.h"
#include "base/err.h"
#include "base/file.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/run.h"
#include "core/scanning.h"
#include "ports/lab.h"
#include "store/blob.h"
#include "store/store.h"

struct wire {
    struct site site;
    char *dir, *cache, *user, *lab_dir;
    struct config config;
    struct store *store;
    struct blobs *blobs;
    struct stop *stop;
    struct lab *lab;
    struct http *http;
    struct strv testcases;
};

static const struct pkgmgr *const pkgmgrs[] = { &pkg_deb, &pkg_rpm, &pkg_files, &pkg_script, NULL };

static const struct scanner *const scanners[] = {
    &scanner_builtin,
    &scan_debsecan,
    &scan_oscap,
    NULL,
};

/* DIR of $variable, else below the home directory: the XDG base directory rules. */
static char *user_dir(const char *variable, const char *below_home)
{
    const char *base = getenv(variable), *home = getenv("HOME");

    if (base && base[0] == '/')
        return path_join(base, "patchlab");
    AUTO_FREE char *dir = path_join(home && *home ? home : "/tmp", below_home);
    return path_join(dir, "patchlab");
}

static char *choose_state(const char *given)
{
    const char *state = given ? given : getenv("PATCHLAB_STATE");

    if (state && *state)
        return xstrdup(state);
    if (geteuid() == 0)
        return xstrdup("/var/lib/patchlab");
    return user_dir("XDG_STATE_HOME", ".local/state");
}

static char *choose_cache(const struct config *config)
{
    if (config->cache)
        return xstrdup(config->cache);
    if (geteuid() == 0)
        return xstrdup("/var/cache/patchlab");
    return user_dir("XDG_CACHE_HOME", ".cache");
}

/* The user QEMU runs as passes through, and sees nothing. */
static int make_state(struct wire *w, const char *given, struct err **err)
{
    AUTO_FREE char *chosen = choose_state(given);

    if (dir_make(chosen, 0711, err) < 0) {
        err_wrap(err, "the state directory");
        return err_hint(err, "choose another one with --state or $PATCHLAB_STATE");
    }
    w->dir = path_absolute(chosen, err);
    return w->dir ? 0 : -1;
}

static void find_testcases(struct wire *w)
{
    AUTO_FREE char *own = path_join(w->dir, "testcases");
    const char *const always[] = { own, PATCHLAB_SHARE "/testcases" };

    for (size_t i = 0; i < w->config.testcases.len; i++)
        strv_add(&w->testcases, w->config.testcases.ptr[i]);
    for (size_t i = 0; w->testcases.len == 0 && i < ARRAY_LEN(always); i++) {
        if (file_exists(always[i]))
            strv_add(&w->testcases, always[i]);
    }
}

static int open_parts(struct wire *w, const char *state, struct err **err)
{
    int closed = 0;

    if (make_state(w, state, err) < 0)
        return -1;
    AUTO_FREE char *file = path_join(w->dir, "config.yaml");
    AUTO_FREE char *blobs = path_join(w->dir, "blobs");
    if (config_read(file, &w->config, err) < 0)
        return -1;
    w->cache = choose_cache(&w->config);
    w->user = host_user();
    w->lab_dir = path_join(w->dir, "lab");
    w->store = store_open(w->dir, err);
    w->blobs = w->store ? blobs_open(blobs, err) : NULL;
    if (!w->blobs)
        return -1;
    find_testcases(w);
    const struct curl_http_config http = {
        .netrc = w->config.http_netrc,
        .ca = w->config.http_ca,
        .timeout_ms = w->config.http_timeout,
        .stall_ms = w->config.http_stall,
        .attempts = (int)w->config.http_attempts,
    };
    w->http = curl_http_open(&http);
    w->stop = stop_new();
    stop_on_signals(w->stop);
    w->site = (struct site){
        .dir = w->dir,
        .cache = w->cache,
        .user = w->user,
        .store = w->store,
        .blobs = w->blobs,
        .stop = w->stop,
        .archive = &archive_ops,
        .disk = &qemu_img_disk_ops,
        .builder = &recipe_builder_ops,
        .http = w->http,
        .signature = &gpgv_signature_ops,
        .solver = &apt_solver_ops,
        .pkgmgrs = pkgmgrs,
        .feeds = feed_formats,
        .domains = &libvirt_domains_ops,
        .result_formats = result_formats,
        .observer = &guest_observer,
        .scanners = scanners,
        .restarter = &restart_systemd,
    };
    if (run_recover(&w->site, &closed, err) < 0)
        return err_wrap(err, "close the runs of killed processes");
    if (closed > 0)
        fprintf(stderr, "patchlab: closed or put back %d run%s whose process was killed\n", closed,
                closed == 1 ? "" : "s");
    return 0;
}

struct wire *wire_open(const char *state, struct err **err)
{
    struct wire *w = xcalloc(1, sizeof(*w));

    if (open_parts(w, state, err) < 0) {
        wire_close(w);
        return NULL;
    }
    return w;
}

void wire_close(struct wire *w)
{
    if (!w)
        return;
    if (w->lab)
        w->lab->ops->close(w->lab);
    if (w->http)
        w->http->ops->close(w->http);
    blobs_close(w->blobs);
    store_close(w->store);
    if (w->stop)
        stop_on_signals(NULL);
    stop_free(w->stop);
    config_release(&w->config);
    strv_release(&w->testcases);
    free(w->dir);
    free(w->cache);
    free(w->user);
    free(w->lab_dir);
    free(w);
}

const struct site *wire_site(const struct wire *w)
{
    return &w->site;
}

struct stop *wire_stop(struct wire *w)
{
    return w->stop;
}

const struct config *wire_config(const struct wire *w)
{
    return &w->config;
}

const struct strv *wire_testcases(const struct wire *w)
{
    return &w->testcases;
}

const char *wire_lab_dir(const struct wire *w)
{
    return w->lab_dir;
}

struct lab *wire_lab(struct wire *w, struct err **err)
{
    const char *accel = accel_choices[w->config.lab_accel];
    AUTO_FREE char *cache = path_join(w->cache, "libvirt");
    struct lab_config config = {
        .dir = w->lab_dir,
        .cache = cache,
        .uri = w->config.lab_uri,
        .accel = w->config.lab_accel > 0 ? accel : NULL,
        .clones = (int)w->config.lab_clones,
    };
    int swept = 0;

    if (w->lab)
        return w->lab;
    w->lab = libvirt_lab_open(&config, w->stop, err);
    if (!w->lab) {
        err_wrap(err, "open the lab");
        if (!(*err)->hint)
            err_hint(err, "'patchlab doctor' says what is missing");
        return NULL;
    }
    if (w->lab->ops->sweep(w->lab, &swept, err) < 0)
        return NULL;
    if (swept > 0)
        fprintf(stderr, "patchlab: removed %d VM%s that a killed process had left\n", swept,
                swept == 1 ? "" : "s");
    return w->lab;
}
