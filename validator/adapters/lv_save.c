/* Making a warm image of a clone; see save() in ports/lab.h. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/lv_clone.h"
#include "adapters/lv_warm.h"
#include "adapters/qga.h"
#include "base/file.h"
#include "base/mem.h"

enum { MODE_MEMORY = 0400, MODE_DISK = 0444 };

/* Ours again, and nobody writes to it any more. */
static int seal(const char *from, const char *to, mode_t mode, struct err **err)
{
    if (file_link_or_copy(from, to, mode, err) < 0)
        return -1;
    if (chown(to, geteuid(), getegid()) != 0 || chmod(to, mode) != 0)
        return err_set_errno(err, errno, "cannot seal '%s'", to);
    return 0;
}

static int save_memory(struct lv_clone *c, const struct lv_warm *w, struct err **err)
{
    if (virDomainSave(c->domain, w->memory) < 0) {
        lv_err_set(err, "cannot save the memory of '%s'", c->spec.label);
        if (strstr((*err)->msg, "libvirt_iohelper"))
            err_hint(err, "install the package 'libvirt-daemon', or run 'make deps'");
        return -1;
    }
    if (chmod(w->memory, MODE_MEMORY) != 0)
        return err_set_errno(err, errno, "cannot seal '%s'", w->memory);
    return 0;
}

int lv_save(struct clone *clone, const char *dir, struct err **err)
{
    struct lv_clone *c = (struct lv_clone *)clone;
    AUTO_QGA_REST rest = { 0 };
    AUTO_LV_WARM w = { 0 };

    if (c->has_payload)
        return err_set(err, ERR_INVALID, "cannot save a clone with a disc in its drive");
    lv_warm_paths(dir, &w);
    if (qga_settle(clone->guest, &rest, err) < 0 || save_memory(c, &w, err) < 0
        || seal(c->disk, w.disk, MODE_DISK, err) < 0)
        return -1;
    if (c->spec.firmware == FIRMWARE_UEFI && seal(c->nvram, w.nvram, MODE_DISK, err) < 0)
        return -1;
    return lv_warm_write(c, &w, &rest, err);
}
