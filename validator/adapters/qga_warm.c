/* A guest around the saving and restoring of its memory; see qga.h. */
#include <string.h>

#include "adapters/qga_wire.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

enum { SETTLE_MS = 120000, CLOCK_MS = 10000 };

/* Pages without content cost nothing to save and to restore: the page cache goes, and the kernel
 * clears what is freed (init_on_free).  The pause lets the last children of the agent end: a
 * restored agent must not be in the middle of something. */
static const char settle[] = "sync; echo 3 >/proc/sys/vm/drop_caches; rm -f /run/patchlab-x*; "
                             "sleep 0.5";

int qga_settle(struct guest *guest, char **ret_boot_id, struct err **err)
{
    struct qga *g = (struct qga *)guest;
    const char *const argv[] = { "/bin/sh", "-c", settle, NULL };
    AUTO_FREE char *out = NULL;
    AUTO_FREE char *boot_id = NULL;
    size_t len = 0;
    int64_t pid;
    int code;

    if (qga_spawn(g, argv, NULL, &pid, err) < 0
        || qga_wait_exit(g, pid, SETTLE_MS, &code, &out, &len, err) < 0)
        return err_wrap(err, "bring the guest to rest");
    if (code != 0)
        return err_set(err, ERR_GUEST, "cannot bring the guest to rest: status %d", code);
    boot_id = qga_boot_id(g, err);
    if (!boot_id)
        return err_wrap(err, "bring the guest to rest");
    *ret_boot_id = TAKE(boot_id);
    return 0;
}

/* By date: the agent's own guest-set-time goes on to wait for the hardware clock's next second. */
static int set_clock(struct qga *g, struct err **err)
{
    int64_t now = clock_wall_ms();
    AUTO_FREE char *at = xasprintf("@%lld.%03d", (long long)(now / 1000), (int)(now % 1000));
    const char *const argv[] = { "/bin/date", "-s", at, NULL };
    AUTO_FREE char *out = NULL;
    size_t len = 0;
    int64_t pid;
    int code;

    if (qga_spawn(g, argv, NULL, &pid, err) < 0
        || qga_wait_exit(g, pid, CLOCK_MS, &code, &out, &len, err) < 0)
        return err_wrap(err, "set the guest's clock");
    if (code != 0)
        return err_set(err, ERR_GUEST, "cannot set the guest's clock: status %d", code);
    return 0;
}

int qga_resume(struct guest *guest, const char *boot_id, int64_t timeout_ms, struct err **err)
{
    struct qga *g = (struct qga *)guest;

    if (guest->ops->wait(guest, timeout_ms, err) < 0)
        return -1;
    AUTO_FREE char *now = qga_boot_id(g, err);
    if (!now)
        return -1;
    if (strcmp(now, boot_id) != 0)
        return err_set(err, ERR_GUEST, "the guest booted instead of going on where it was saved");
    return set_clock(g, err);
}
