/* Limits on the clones of this host; see lab_permit.h. */
#include "adapters/lab_permit.h"

#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/host.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"

/* Beside the guest's memory: QEMU's own, and something for everybody else. */
enum { SPARE = 192 << 20, POLL_MS = 200 };

int lab_permit_default(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores > 0 ? (int)cores * 2 : 2;
}

/* A free one, or -1: all are taken (ERR_CONFLICT) or it cannot be told. */
static int take_free(const char *dir, int clones, struct err **err)
{
    for (int i = 0; i < clones; i++) {
        AUTO_FREE char *file = xasprintf("%s/%d", dir, i);
        AUTO_ERR e = NULL;
        int fd = file_lock(file, /* wait= */ false, &e);

        if (fd >= 0)
            return fd;
        if (e->code != ERR_CONFLICT) {
            *err = TAKE(e);
            return -1;
        }
    }
    return err_set(err, ERR_CONFLICT, "all %d clones that may run at once do", clones);
}

bool lab_memory_for(int clones, int64_t memory)
{
    int64_t available = host_memory_available();

    return available < 0 || available / clones >= memory + SPARE;
}

/* A descriptor that tells others; -1 when another one who waits does that already. */
static int ask_for_memory(const char *dir)
{
    AUTO_FREE char *file = path_join(dir, "memory");
    AUTO_ERR taken = NULL;

    return file_lock(file, /* wait= */ false, &taken);
}

bool lab_memory_wanted(const char *lab_dir)
{
    AUTO_FREE char *file = path_join(lab_dir, "permits/memory");
    AUTO_ERR e = NULL;

    if (!file_exists(file))
        return false;
    AUTO_FD fd = file_lock(file, /* wait= */ false, &e);
    return fd < 0 && e->code == ERR_CONFLICT;
}

int lab_permit_take(const char *lab_dir, int clones, int64_t memory, const struct stop *stop,
                    struct err **err)
{
    AUTO_FREE char *dir = path_join(lab_dir, "permits");
    AUTO_FD asking = -1;

    if (dir_make(dir, 0700, err) < 0)
        return -1;
    for (;;) {
        AUTO_ERR e = NULL;
        AUTO_FD fd = take_free(dir, clones, &e);

        if (fd < 0 && e->code != ERR_CONFLICT) {
            *err = TAKE(e);
            return -1;
        }
        if (fd >= 0 && lab_memory_for(1, memory)) {
            int ours = fd;
            fd = -1;
            return ours;
        }
        if (fd >= 0 && asking < 0)
            asking = ask_for_memory(dir);
        log_debug(LOG_LAB, "waiting for %s", fd >= 0 ? "memory" : "a clone to end");
        if (stop_sleep(stop, POLL_MS, err) < 0)
            return -1;
    }
}
