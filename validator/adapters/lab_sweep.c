/*
 * What a killed patchlab leaves behind: QEMU processes (they are children of nobody and live on)
 * and the files of their clones.  Both carry the slot's directory in their names, and the caller
 * holds the slot's lock, so whatever is found here has no owner.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/lab_slot.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

enum { CMDLINE_MAX = 64 << 10, DEATH_MS = 5000, POLL_MS = 20 };

/* Does the process run QEMU with an argument below `dir`? */
static bool is_qemu_of(const char *pid, const char *dir)
{
    AUTO_FREE char *path = xasprintf("/proc/%s/cmdline", pid);
    AUTO_FREE char *below = xasprintf("%s/", dir);
    AUTO_ERR gone = NULL;
    size_t len = 0;
    AUTO_FREE char *cmdline = file_read(path, CMDLINE_MAX, &len, &gone);

    return cmdline && strstr(cmdline, "qemu-system-") && memmem(cmdline, len, below, strlen(below));
}

static void wait_for_death(pid_t pid)
{
    int64_t deadline = clock_deadline(DEATH_MS);

    while (kill(pid, 0) == 0 && clock_left_ms(deadline) > 0)
        clock_sleep_ms(POLL_MS);
}

static int kill_qemus(const char *dir, struct err **err)
{
    AUTO_STRV pids = { 0 };
    int killed = 0;

    if (dir_list("/proc", &pids, err) < 0)
        return -1;
    for (size_t i = 0; i < pids.len; i++) {
        if (!isdigit((unsigned char)pids.ptr[i][0]) || !is_qemu_of(pids.ptr[i], dir))
            continue;
        pid_t pid = (pid_t)strtol(pids.ptr[i], NULL, 10);
        log_debug(LOG_LAB, "killing orphan %d of '%s'", (int)pid, dir);
        if (kill(pid, SIGKILL) != 0 && errno != ESRCH)
            return err_set_errno(err, errno, "cannot kill the orphaned VM, process %d", (int)pid);
        wait_for_death(pid);
        killed++;
    }
    return killed;
}

int lab_slot_sweep(const char *slot_dir, struct err **err)
{
    static const char *const parts[] = { "vm", "run", "lib" };
    int killed = kill_qemus(slot_dir, err);

    if (killed < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        AUTO_FREE char *dir = path_join(slot_dir, parts[i]);
        if (dir_remove(dir, err) < 0)
            return err_wrap(err, "clean the lab slot");
    }
    return killed;
}
