/*
 * A guest around the saving and restoring of its memory; see qga.h.
 *
 * What a restored guest must do first is done by a process that was there when it was saved, the
 * waker: it has nothing left to load.  It waits at a FIFO for the time and for random bytes, sets
 * the clock, makes the kernel reseed its random numbers (not each kernel has the driver for
 * QEMU's generation id), and prints the nonce that it holds in memory: proof that the guest goes
 * on where it was saved.  Without perl, which can make such system calls, the boot id is the proof
 * and date sets the clock.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/qga_wire.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"

enum { SETTLE_MS = 120000, WAKE_MS = 10000, ENTROPY_BYTES = 64, NONCE_BYTES = 16 };

/* Pages without content cost nothing to save and to restore: the page cache goes, and the kernel
 * clears what is freed (init_on_free).  The pause lets the last children of the agent end: a
 * restored agent must not be in the middle of something. */
static const char settle[] = "sync; echo 3 >/proc/sys/vm/drop_caches; rm -rf /run/patchlab-x*; "
                             "sleep 0.5";

static const char fifo[] = "/run/patchlab-wake";

/* clock_settime() is 227 on x86-64, RNDRESEEDCRNG 0x5207.  The warm-up with a reading of the clock
 * has perl load and the kernel touch what is needed later. */
static const char waker[] =
    "mkfifo -m 600 \"$1\" && exec perl -e '"
    "my ($fifo, $nonce) = @ARGV; my $t = pack(\"qq\", 0, 0); syscall(228, 0, $t);"
    "open(my $in, \"<\", $fifo) or exit 1;"
    "my ($s, $ns, $hex) = split \" \", scalar <$in>; unlink $fifo;"
    "syscall(227, 0, pack(\"qq\", $s, $ns)) == 0 or exit 1;"
    "open(my $r, \"+>\", \"/dev/random\") or exit 1;"
    "syswrite $r, pack(\"H*\", $hex); ioctl $r, 0x5207, 0; print $nonce;' \"$@\"";

void qga_rest_release(struct qga_rest *r)
{
    free(r->nonce);
    *r = (struct qga_rest){ 0 };
}

static int run_settle(struct qga *g, struct err **err)
{
    const char *const argv[] = { "/bin/sh", "-c", settle, NULL };

    AUTO_FREE char *out = NULL;
    size_t len = 0;
    int64_t pid;
    int code;

    if (qga_spawn(g, argv, NULL, &pid, err) < 0
        || qga_wait_exit(g, pid, SETTLE_MS, &code, &out, &len, err) < 0)
        return -1;
    return code ? err_set(err, ERR_GUEST, "a command ended with status %d", code) : 0;
}

/* 1 when the waker waits, 0 when this guest cannot have one. */
static int start_waker(struct qga *g, struct qga_rest *r, struct err **err)
{
    static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    AUTO_FREE char *nonce = random_hex(NONCE_BYTES);
    const char *const argv[] = { "/bin/sh", "-c", waker, "patchlab", fifo, nonce, NULL };
    int64_t pid;

    if (qga_spawn(g, argv, env, &pid, err) < 0 || stop_sleep(g->stop, 2000, err) < 0)
        return -1;
    AUTO_JSON *status = qga_call(g, "guest-exec-status", json_pack("{s:I}", "pid", (json_int_t)pid),
                                 WAKE_MS, err);
    if (!status)
        return -1;
    if (json_is_true(json_object_get(status, "exited"))) {
        log_debug(LOG_AGENT, "the guest has no perl: its clock will be set by date");
        return 0;
    }
    r->waker = pid;
    r->nonce = TAKE(nonce);
    return 1;
}

int qga_settle(struct guest *guest, struct qga_rest *ret, struct err **err)
{
    struct qga *g = (struct qga *)guest;
    struct qga_rest r = { 0 };
    int rc = start_waker(g, &r, err);

    if (rc == 0) {
        r.nonce = qga_boot_id(g, err);
        rc = r.nonce ? 0 : -1;
    }
    if (rc < 0 || run_settle(g, err) < 0) {
        qga_rest_release(&r);
        return err_wrap(err, "bring the guest to rest");
    }
    *ret = r;
    return 0;
}

/* --- afterwards ----------------------------------------------------------------------------- */

static int write_file(struct qga *g, const char *path, const char *text, struct err **err)
{
    AUTO_FREE char *data = base64_encode(text, strlen(text));
    AUTO_JSON *opened = qga_call(g, "guest-file-open",
                                 json_pack("{s:s, s:s}", "path", path, "mode", "w"), WAKE_MS, err);

    if (!opened)
        return -1;
    json_int_t handle = json_integer_value(opened);
    AUTO_JSON *written = qga_call(g, "guest-file-write",
                                  json_pack("{s:I, s:s}", "handle", handle, "buf-b64", data),
                                  WAKE_MS, err);
    AUTO_ERR ignored = NULL;
    json_decref(
        qga_call(g, "guest-file-close", json_pack("{s:I}", "handle", handle), WAKE_MS, &ignored));
    return written ? 0 : -1;
}

static int wake(struct qga *g, const struct qga_rest *r, struct err **err)
{
    AUTO_FREE char *entropy = random_hex(ENTROPY_BYTES);
    int64_t now = clock_wall_ms();
    AUTO_FREE char *line = xasprintf("%lld %lld %s\n", (long long)(now / 1000),
                                     (long long)(now % 1000 * 1000000), entropy);
    AUTO_FREE char *out = NULL;
    size_t len = 0;
    int code;

    if (write_file(g, fifo, line, err) < 0
        || qga_wait_exit(g, r->waker, WAKE_MS, &code, &out, &len, err) < 0)
        return -1;
    if (code != 0 || len != strlen(r->nonce) || memcmp(out, r->nonce, len) != 0)
        return err_set(err, ERR_GUEST, "it gave no proof of being the saved one");
    return 0;
}

static int set_clock(struct qga *g, const struct qga_rest *r, struct err **err)
{
    int64_t now = clock_wall_ms();
    AUTO_FREE char *at = xasprintf("@%lld.%03d", (long long)(now / 1000), (int)(now % 1000));
    const char *const argv[] = { "/bin/date", "-s", at, NULL };
    AUTO_FREE char *boot_id = qga_boot_id(g, err);

    if (!boot_id)
        return -1;
    if (strcmp(boot_id, r->nonce) != 0)
        return err_set(err, ERR_GUEST, "it booted instead of going on where it was saved");
    return qga_run_short(g, argv, WAKE_MS, err);
}

int qga_resume(struct guest *guest, const struct qga_rest *r, int64_t timeout_ms, struct err **err)
{
    struct qga *g = (struct qga *)guest;

    if (guest->ops->wait(guest, timeout_ms, err) < 0)
        return -1;
    if ((r->waker ? wake(g, r, err) : set_clock(g, r, err)) < 0)
        return err_wrap(err, "wake the restored guest");
    return 0;
}

int qga_rehearse(struct guest *guest, const struct qga_rest *r, int64_t timeout_ms,
                 struct err **err)
{
    struct qga *g = (struct qga *)guest;

    if (guest->ops->wait(guest, timeout_ms, err) < 0)
        return -1;
    if (!r->waker)
        return 0;
    if (write_file(g, "/dev/null", "rehearsal", err) < 0)
        return -1;
    AUTO_JSON *status = qga_call(g, "guest-exec-status",
                                 json_pack("{s:I}", "pid", (json_int_t)r->waker), WAKE_MS, err);
    if (!status)
        return -1;
    if (json_is_true(json_object_get(status, "exited")))
        return err_set(err, ERR_GUEST, "what should wake the guest has ended");
    return 0;
}
