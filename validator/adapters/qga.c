/* The guest behind the QEMU guest agent: waiting, files, reboot, payload disc; see qga.h. */
#include "adapters/qga.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/qga_wire.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"

enum {
    PING_MS = 2000,
    POLL_FIRST_MS = 10,
    POLL_MS = 100,
    BOOT_ID_MAX = 64,
    MOUNT_MS = 60000,
    FILES_MS = 60000
};

static const char boot_id_path[] = "/proc/sys/kernel/random/boot_id";
static const char payload_dir[] = "/run/patchlab/payload";

/* One ping: 1 it answered, 0 not yet, -1 the VM is gone, the lab failed or the stop was raised. */
static int ping(struct qga *g, struct err **err)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *reply = qga_call(g, "guest-ping", NULL, PING_MS, &e);

    if (reply)
        return 1;
    if (e->code == ERR_TIMEOUT || e->code == ERR_IO)
        return 0;
    *err = TAKE(e);
    return -1;
}

static int qga_wait(struct guest *guest, int64_t timeout_ms, struct err **err)
{
    struct qga *g = (struct qga *)guest;
    int64_t deadline = clock_deadline(timeout_ms);
    int64_t pause = POLL_FIRST_MS;

    for (;;) {
        int rc = ping(g, err);
        if (rc)
            return rc < 0 ? -1 : 0;
        if (clock_left_ms(deadline) == 0)
            return err_set(err, ERR_GUEST, "the guest agent did not answer within %lld s",
                           (long long)timeout_ms / 1000);
        if (stop_sleep(g->stop, pause, err) < 0)
            return -1;
        pause = pause + 1 < POLL_MS ? pause + 1 : POLL_MS;
    }
}

static int qga_read_file(struct guest *guest, const char *path, size_t max, char **ret_text,
                         size_t *ret_len, struct err **err)
{
    AUTO_STR s = STR_INIT(max);

    if (qga_read((struct qga *)guest, path, 0, max, &s, err) < 0)
        return -1;
    *ret_len = s.len;
    *ret_text = str_take(&s);
    return 0;
}

/* First all of them empty, with their owner and mode, so that nobody has one open before its bytes
 * come.  An owner that is not there has no process that could read. */
static int make_empty(struct qga *g, const struct guest_file *files, size_t n, struct err **err)
{
    static const char script[] = "umask 022\n"
                                 "while [ $# -gt 0 ]; do\n"
                                 "  mkdir -p \"${1%/*}\" && rm -f \"$1\" || exit 1\n"
                                 "  (umask 377; : >\"$1\") || exit 1\n"
                                 "  [ -z \"$2\" ] || chown \"$2\" \"$1\" 2>/dev/null\n"
                                 "  shift 2\n"
                                 "done\n";
    AUTO_STRV argv = { 0 };

    strv_add(&argv, "/bin/sh");
    strv_add(&argv, "-c");
    strv_add(&argv, script);
    strv_add(&argv, "patchlab");
    for (size_t i = 0; i < n; i++) {
        strv_add(&argv, files[i].path);
        strv_add(&argv, files[i].user ? files[i].user : "");
    }
    return qga_run_short(g, (const char *const *)argv.ptr, FILES_MS, err);
}

static int qga_write_files(struct guest *guest, const struct guest_file *files, size_t n,
                           struct err **err)
{
    struct qga *g = (struct qga *)guest;
    int rc = n > 0 ? make_empty(g, files, n, err) : 0;

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = qga_overwrite(g, files[i].path, files[i].data, files[i].len, err);
    if (rc < 0 && (*err)->code == ERR_TIMEOUT) /* an agent that was there no longer answers */
        (*err)->code = ERR_GUEST;
    return rc;
}

char *qga_boot_id(struct qga *g, struct err **err)
{
    AUTO_STR s = STR_INIT(BOOT_ID_MAX);

    if (qga_read(g, boot_id_path, 0, BOOT_ID_MAX, &s, err) < 0)
        return NULL;
    return xstrndup(s.ptr, strcspn(s.ptr, "\n"));
}

int qga_run_short(struct qga *g, const char *const *argv, int64_t timeout_ms, struct err **err)
{
    struct guest_exec x = { .argv = argv, .timeout_ms = timeout_ms, .output_max = 4096 };
    AUTO_GUEST_RESULT r = { 0 };

    if (qga_exec(&g->base, &x, &r, err) < 0)
        return -1;
    if (r.timed_out || r.exit_code != 0) {
        AUTO_FREE char *shown = str_printable(r.output.ptr, r.output.len, false);
        return err_set(err, ERR_GUEST, "'%s' failed in the guest: %s", argv[0], shown);
    }
    return 0;
}

/* 1 when the guest answers from another boot than `before`, 0 not yet. */
static int has_rebooted(struct qga *g, const char *before, struct err **err)
{
    AUTO_ERR e = NULL;
    int rc = ping(g, err);

    if (rc <= 0)
        return rc;
    AUTO_FREE char *now = qga_boot_id(g, &e);
    if (now)
        return !str_eq(now, before);
    if (e->code == ERR_TIMEOUT || e->code == ERR_IO)
        return 0; /* it went down between the ping and the question */
    *err = TAKE(e);
    return -1;
}

static int qga_reboot(struct guest *guest, int64_t timeout_ms, struct err **err)
{
    struct qga *g = (struct qga *)guest;
    static const char *const argv[] = { "/bin/sh", "-c", "sleep 0.2; shutdown -r now || reboot",
                                        NULL };
    static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    int64_t deadline = clock_deadline(timeout_ms);
    AUTO_FREE char *before = qga_boot_id(g, err);
    int64_t pid;

    if (!before || qga_spawn(g, argv, env, &pid, err) < 0)
        return err_wrap(err, "reboot the guest");
    g->mounted = false;
    for (;;) {
        int rc = has_rebooted(g, before, err);
        if (rc)
            return rc < 0 ? -1 : 0;
        if (clock_left_ms(deadline) == 0)
            return err_set(err, ERR_GUEST, "the guest did not come back within %lld s of a reboot",
                           (long long)timeout_ms / 1000);
        if (stop_sleep(g->stop, POLL_MS, err) < 0)
            return -1;
    }
}

static int qga_mount_payload(struct guest *guest, const char **ret_dir, struct err **err)
{
    struct qga *g = (struct qga *)guest;
    static const char *const argv[] = {
        "/bin/sh",
        "-c",
        "mkdir -p \"$1\" && cd / && modprobe -q sr_mod isofs; "
        "for i in 1 2 3 4 5 6 7 8 9 10; do "
        "  for dev in /dev/sr*; do "
        "    mount -t iso9660 -o ro,nosuid,nodev \"$dev\" \"$1\" 2>/dev/null && exit 0; "
        "  done; sleep 0.5; "
        "done; echo 'no CD drive with a readable disc'; exit 1",
        "patchlab",
        payload_dir,
        NULL
    };

    if (!g->mounted && qga_run_short(g, argv, MOUNT_MS, err) < 0)
        return err_wrap(err, "mount the payload disc");
    g->mounted = true;
    *ret_dir = payload_dir;
    return 0;
}

static const struct guest_ops qga_ops = {
    .name = "qemu-guest-agent",
    .wait = qga_wait,
    .exec = qga_exec,
    .read_file = qga_read_file,
    .write_files = qga_write_files,
    .reboot = qga_reboot,
    .mount_payload = qga_mount_payload,
};

struct guest *qga_new(const struct qga_channel *channel, const struct stop *stop)
{
    struct qga *g = xcalloc(1, sizeof(*g));

    g->base.ops = &qga_ops;
    g->channel = *channel;
    g->stop = stop;
    return &g->base;
}

void qga_free(struct guest *g)
{
    free(g);
}
