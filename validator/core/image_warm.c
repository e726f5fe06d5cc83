/* Making and describing warm images; see image_warm.h. */
#include "core/image_warm.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/image_packages.h"
#include "core/site.h"
#include "ports/guest.h"
#include "ports/lab.h"

enum {
    BOOT_MS = 10 * 60 * 1000,
    REST_MS = 3 * 60 * 1000,
    OUTPUT_MAX = 64 << 10,
    MEMORY_SPARE = 128 << 20, /* QEMU's own, beside the guest's */
};

/* Prints how many units have failed. */
static const char rest_script[] =
    "systemctl --failed --no-legend 2>/dev/null | wc -l\n"
    "calm=0 n=0\n"
    "while [ $n -lt 60 ]; do\n"
    "  n=$((n + 1))\n"
    "  read -r _ u1 n1 s1 i1 _ </proc/stat; sleep 1; read -r _ u2 n2 s2 i2 _ </proc/stat\n"
    "  busy=$((u2 + n2 + s2 - u1 - n1 - s1)) idle=$((i2 - i1))\n"
    "  if [ $((busy * 9)) -le $idle ] && [ -z \"$(systemctl list-jobs --no-legend 2>&1)\" ]\n"
    "  then calm=$((calm + 1)); else calm=0; fi\n"
    "  [ $calm -lt 2 ] || exit 0\n"
    "done\n"
    "exit 1\n";

char *image_warm_path(const struct site *site, const char *digest)
{
    return xasprintf("%s/images/%s.warm", site->dir, digest);
}

static void tell(const struct image_progress *p, const char *what)
{
    if (p && p->step)
        p->step(p->arg, what, -1);
}

static int check_room(const struct site *site, const struct image *i, struct err **err)
{
    int64_t room = file_room(site->dir), memory = host_memory_available();
    AUTO_FREE char *needs = unit_size(i->memory), *has = unit_size(room);

    if (room >= 0 && room < i->memory)
        return err_set(err, ERR_NO_ROOM, "'%s' has no room for a warm image: %s free, %s needed",
                       site->dir, has, needs);
    if (memory >= 0 && memory < i->memory + MEMORY_SPARE)
        return err_set(err, ERR_NO_ROOM, "the host has no memory for a clone of %s", needs);
    return 0;
}

static int run_ready(struct guest *g, const struct image *i, struct err **err)
{
    struct guest_exec x = {
        .argv = (const char *const *)i->ready.argv.ptr,
        .timeout_ms = i->ready.timeout_ms,
        .output_max = OUTPUT_MAX,
    };
    AUTO_GUEST_RESULT r = { 0 };

    if (i->ready.argv.len == 0)
        return 0;
    if (g->ops->exec(g, &x, &r, err) < 0)
        return err_wrap(err, "ready command");
    AUTO_FREE char *said = str_printable(r.output.ptr, r.output.len, false);
    if (r.timed_out)
        return err_set(err, ERR_GUEST, "its ready command did not end in time: %.400s", said);
    if (r.exit_code != 0)
        return err_set(err, ERR_GUEST, "its ready command failed: %.400s", said);
    return 0;
}

static int wait_for_rest(struct guest *g, const struct image_progress *progress, struct err **err)
{
    const char *const argv[] = { "/bin/sh", "-c", rest_script, NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = REST_MS, .output_max = OUTPUT_MAX };
    AUTO_GUEST_RESULT r = { 0 };

    if (g->ops->exec(g, &x, &r, err) < 0)
        return -1;
    long failed = strtol(r.output.ptr, NULL, 10);
    AUTO_FREE char *units = xasprintf("%ld failed unit%s in the image", failed,
                                      failed == 1 ? "" : "s");
    if (failed > 0)
        tell(progress, units);
    if (r.timed_out || r.exit_code != 0)
        tell(progress, "the guest does not come to rest; saving it as it is");
    return 0;
}

/* What nobody has touched yet: sources of patches and scans ask for it. */
static int record_packages(const struct site *site, const struct image *i, struct guest *g,
                           struct err **err)
{
    const struct pkgmgr *p = site_pkgmgr(site, i->packages);
    AUTO_PACKAGE_LIST list = { 0 };

    if (!p || !p->list)
        return 0;
    if (p->list(g, &list, err) < 0)
        return err_wrap(err, "list its packages");
    return image_packages_record(site, i, &list, err);
}

static int boot_and_save(const struct site *site, struct lab *lab, const struct image *i,
                         const char *dir, const struct image_progress *progress, struct err **err)
{
    AUTO_FREE char *label = xasprintf("warm-%.12s", i->digest);
    struct clone_spec spec = {
        .label = label,
        .disk = i->disk,
        .firmware = i->firmware,
        .memory = i->memory,
        .vcpus = i->vcpus,
        .stop = site->stop,
    };
    AUTO_CLONE c = NULL;

    tell(progress, "boot the image");
    if (lab->ops->clone(lab, &spec, &c, err) < 0)
        return -1;
    if (c->guest->ops->wait(c->guest, BOOT_MS, err) < 0)
        return err_wrap(err, "boot it");
    tell(progress, "wait until it is ready and at rest");
    if (run_ready(c->guest, i, err) < 0 || wait_for_rest(c->guest, progress, err) < 0)
        return -1;
    if (record_packages(site, i, c->guest, err) < 0)
        return -1;
    tell(progress, "save its memory");
    return c->ops->save(c, dir, err);
}

int image_warm(const struct site *site, struct lab *lab, const struct image *i,
               const struct image_progress *progress, struct err **err)
{
    AUTO_FREE char *path = image_warm_path(site, i->digest);
    AUTO_FREE char *lock_path = xasprintf("%s.lock", path);
    AUTO_FD lock = -1;

    if (i->removed)
        return err_set(err, ERR_NOT_FOUND, "the disk of image '%s' was removed", i->name);
    if (check_room(site, i, err) < 0)
        return err_wrap(err, "warm image '%s'", i->name);
    lock = file_lock(lock_path, /* wait= */ false, err);
    if (lock < 0)
        return err_wrap(err, "another process warms image '%s'", i->name);
    if (dir_remove(path, err) < 0)
        return -1;
    AUTO_TEMPDIR dir = xstrdup(path);
    if (dir_make(dir, 0711, err) < 0 || boot_and_save(site, lab, i, dir, progress, err) < 0)
        return err_wrap(err, "warm image '%s'", i->name);
    free(TAKE(dir));
    return 0;
}

int image_warm_facts(struct lab *lab, const struct image *i, struct warm_facts *ret,
                     struct err **err)
{
    struct clone_spec spec = {
        .label = "facts",
        .disk = i->disk,
        .firmware = i->firmware,
        .memory = i->memory,
        .vcpus = i->vcpus,
        .warm = i->warm,
    };

    if (!i->warm)
        return err_set(err, ERR_NOT_FOUND, "image '%s' is cold", i->name);
    return lab->ops->warm_facts(lab, &spec, ret, err);
}

json_t *image_warm_json(const struct warm_facts *f)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:i, s:I, s:I, s:b, s:o}", "made",
                     (json_int_t)f->made_ms, "host", json_text(f->host), "cpu", json_text(f->cpu),
                     "versions", json_text(f->versions), "accel", json_text(f->accel), "machine",
                     json_text(f->machine), "memory", (json_int_t)f->memory, "vcpus", f->vcpus,
                     "memory_size", (json_int_t)f->memory_size, "disk_size",
                     (json_int_t)f->disk_size, "usable", !f->unusable, "why_not",
                     json_text(f->unusable));
}
