/* Hides /dev/kvm from the embedded libvirt driver; why and how: kvm_hide.h. */
#include "adapters/kvm_hide.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

static const char device[] = "/dev/kvm";

bool kvm_hide(const char *scratch)
{
    AUTO_FREE char *cover = path_join(scratch, "no-kvm");
    AUTO_FD fd = -1;

    if (geteuid() != 0 || access(device, F_OK) != 0)
        return false;
    fd = open(cover, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0 || fchmod(fd, 0) != 0) {
        log_debug(LOG_LAB, "cannot make '%s': %s", cover, strerror(errno));
        return false;
    }
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) != 0
        || mount(cover, device, NULL, MS_BIND, NULL) != 0) {
        log_debug(LOG_LAB, "cannot hide '%s': %s", device, strerror(errno));
        return false;
    }
    log_debug(LOG_LAB, "'%s' is hidden from libvirt in this process", device);
    return true;
}
