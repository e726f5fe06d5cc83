/* The table of checks, and those that look at patchlab's own directories. */
#include "front/doctor.h"

#include <sys/stat.h>
#include <unistd.h>

#include "adapters/libvirt_lab.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/unit.h"
#include "front/scanners.h"
#include "front/wire.h"
#include "ports/lab.h"

static const int64_t disk_needed = 4LL << 30; /* an image being built, two clones, blobs */

const char *const health_names[] = { "ok", "warning", "missing", NULL };

/* The first directory on the way that QEMU's user cannot pass, or NULL; the caller frees. */
static char *blocked_at(const char *dir)
{
    AUTO_FREE char *at = xstrdup(dir);

    for (;;) {
        struct stat st;
        if (stat(at, &st) != 0 || !(st.st_mode & S_IXOTH))
            return TAKE(at);
        if (str_eq(at, "/"))
            return NULL;
        char *up = path_dir(at);
        mem_freep(&at);
        at = up;
    }
}

static void look_state(struct wire *w, struct finding *ret)
{
    const char *dir = wire_site(w)->dir;
    AUTO_FREE char *blocked = geteuid() == 0 ? blocked_at(dir) : NULL;

    ret->text = xasprintf("state in %s", dir);
    if (!blocked)
        return;
    ret->health = HEALTH_BAD;
    mem_freep(&ret->text);
    ret->text = xasprintf("user '%s' cannot pass '%s' to the state directory", qemu_user_name,
                          blocked);
    ret->mend = xasprintf("chmod o+x %s, or choose another directory with --state", blocked);
}

static void look_disk(struct wire *w, struct finding *ret)
{
    int64_t room = file_room(wire_site(w)->dir);
    AUTO_FREE char *text = unit_size(room);

    ret->text = xasprintf("%s free for the state", room < 0 ? "unknown" : text);
    if (room >= 0 && room < disk_needed) {
        ret->health = HEALTH_WARN;
        ret->mend = xstrdup("4 GiB are needed to build an image and run two clones: make room");
    }
}

static void look_stale(struct wire *w, struct finding *ret)
{
    AUTO_ERR e = NULL;
    int stale = lab_slots_stale(wire_lab_dir(w), &e);

    if (stale == 0) {
        ret->text = xstrdup("nothing left behind by killed processes");
    } else if (stale < 0) {
        ret->health = HEALTH_WARN;
        ret->text = xstrdup(e->msg);
    } else {
        ret->health = HEALTH_WARN;
        ret->text = xasprintf("%d lab slot%s left behind by killed processes", stale,
                              stale == 1 ? "" : "s");
        ret->mend = xstrdup("the next 'patchlab validate' removes it, or 'patchlab doctor --fix'");
    }
}

/* Opening a lab sweeps. */
static int fix_stale(struct wire *w, char **ret_did, struct err **err)
{
    if (!wire_lab(w, err))
        return -1;
    *ret_did = xstrdup("removed what killed processes had left");
    return 0;
}

static void look_lab(struct wire *w, struct finding *ret)
{
    AUTO_ERR e = NULL;
    int64_t begin = clock_mono_ms();
    const struct lab *lab = wire_lab(w, &e);

    if (lab) {
        AUTO_FREE char *took = unit_duration(clock_mono_ms() - begin);
        ret->text = xasprintf("%s, %s, opened in %s", lab->facts.versions, lab->facts.accel, took);
        return;
    }
    ret->health = HEALTH_BAD;
    ret->text = xstrdup(e->msg);
    ret->mend = xstrdup("apt-get install libvirt-daemon-driver-qemu qemu-system-x86");
}

/* Which scanners there are; those that are not installed are no fault. */
static void look_scanners(struct wire *w, struct finding *ret)
{
    AUTO_JSON *list = scanners_there(w);
    AUTO_STRV there = { 0 }, absent = { 0 };
    const json_t *s;
    size_t i;

    json_array_foreach(list, i, s)
    {
        const char *name = json_str_at(s, "name"), *version = json_str_at(s, "version");
        if (version)
            strv_addf(&there, "%s (%s)", name, version);
        else
            strv_addf(&absent, "%s", name);
    }
    AUTO_FREE char *has = strv_join(&there, ", ");
    AUTO_FREE char *lacks = strv_join(&absent, ", ");
    ret->text = absent.len ? xasprintf("%s; not installed: %s", has, lacks) : TAKE(has);
}

const struct doctor_check doctor_checks[] = {
    { "programs", look_programs, fix_programs },
    { "account", look_account, fix_account },
    { "state", look_state, NULL },
    { "disk", look_disk, NULL },
    { "memory", look_memory, NULL },
    { "accelerator", look_accel, NULL },
    { "/dev/kvm", look_kvm_device, fix_kvm_device },
    { "leftovers", look_stale, fix_stale },
    { "scanners", look_scanners, NULL },
    { "lab", look_lab, NULL },
    { 0 },
};
