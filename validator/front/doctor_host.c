/* The host: programs, accounts, KVM, memory. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/accel.h"
#include "adapters/libvirt_lab.h"
#include "base/err.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/unit.h"
#include "front/doctor.h"
#include "front/wire.h"

enum { VERSION_MS = 10 * 1000, INSTALL_MS = 20 * 60 * 1000, KVM_MODE = 0660 };
enum { MEMORY_NEEDED = 1280 << 20 }; /* two clones of 512 MiB, QEMU's own, and us */

static const char kvm_device[] = "/dev/kvm";
static const char kvm_group[] = "kvm";

/* The programs that are run, and the Debian packages that bring them. */
static const struct {
    const char *program, *package, *what;
    bool needed;
} programs[] = {
    { "qemu-system-x86_64", "qemu-system-x86", "runs the clones", true },
    { "qemu-img", "qemu-utils", "seals disks and makes overlays", true },
    { "mmdebstrap", "mmdebstrap", "builds the Debian images", false },
    { "mke2fs", "e2fsprogs", "builds the Debian images", false },
    { "sfdisk", "fdisk", "builds the Debian images", false },
};

/* "QEMU emulator version 7.2.22 (...)" -> "7.2.22" */
static char *version_of(const char *program)
{
    const char *argv[] = { program, "--version", NULL };
    struct proc_spec spec = {
        .argv = argv,
        .out_max = 4096,
        .err_max = 4096,
        .timeout_ms = VERSION_MS,
    };
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    if (proc_run(&spec, &r, &e) < 0)
        return NULL;
    const char *v = strpbrk(r.out.ptr, "0123456789");
    return v ? xstrndup(v, strspn(v, "0123456789.")) : NULL;
}

static void missing_packages(bool needed_only, struct strv *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        AUTO_FREE char *path = proc_find(programs[i].program);
        if (!path && (programs[i].needed || !needed_only))
            strv_add(ret, programs[i].package);
    }
}

void look_programs(struct wire *w, struct finding *ret)
{
    AUTO_STRV missing = { 0 }, needed = { 0 };
    AUTO_FREE char *qemu = version_of("qemu-system-x86_64"), *img = version_of("qemu-img");

    (void)w;
    missing_packages(false, &missing);
    missing_packages(true, &needed);
    ret->health = needed.len ? HEALTH_BAD : missing.len ? HEALTH_WARN : HEALTH_OK;
    if (missing.len == 0) {
        ret->text = xasprintf("QEMU %s, qemu-img %s and what builds images", qemu ? qemu : "?",
                              img ? img : "?");
        return;
    }
    AUTO_FREE char *list = strv_join(&missing, " ");
    ret->text = xasprintf("not installed: %s", list);
    ret->mend = xasprintf("apt-get install %s", list);
}

int fix_programs(struct wire *w, char **ret_did, struct err **err)
{
    AUTO_STRV argv = { 0 };
    static const char *const env[] = { "DEBIAN_FRONTEND=noninteractive", NULL };
    AUTO_PROC_RESULT r = { 0 };

    strv_add(&argv, "apt-get");
    strv_add(&argv, "install");
    strv_add(&argv, "-y");
    strv_add(&argv, "--no-install-recommends");
    missing_packages(false, &argv);
    struct proc_spec spec = {
        .argv = (const char *const *)argv.ptr,
        .env = env,
        .out_max = 64 << 10,
        .err_max = 64 << 10,
        .timeout_ms = INSTALL_MS,
        .stop = wire_site(w)->stop,
    };
    if (proc_run_ok(&spec, &r, err) < 0)
        return -1;
    *ret_did = strv_join(&argv, " ");
    return 0;
}

void look_account(struct wire *w, struct finding *ret)
{
    (void)w;
    if (geteuid() != 0) {
        ret->text = xstrdup("QEMU runs as the user who runs patchlab");
    } else if (getpwnam(qemu_user_name)) {
        ret->text = xasprintf("QEMU runs as user '%s'", qemu_user_name);
    } else {
        ret->health = HEALTH_BAD;
        ret->text = xasprintf("there is no user '%s' for QEMU to run as", qemu_user_name);
        ret->mend = xasprintf("useradd --system --no-create-home --user-group %s", qemu_user_name);
    }
}

int fix_account(struct wire *w, char **ret_did, struct err **err)
{
    const char *argv[] = {
        "useradd",          "--system", "--user-group",      "--no-create-home", "--home-dir",
        "/var/lib/libvirt", "--shell",  "/usr/sbin/nologin", qemu_user_name,     NULL
    };
    struct proc_spec spec = {
        .argv = argv,
        .out_max = 4096,
        .err_max = 4096,
        .timeout_ms = VERSION_MS,
        .stop = wire_site(w)->stop,
    };
    AUTO_PROC_RESULT r = { 0 };

    if (proc_run_ok(&spec, &r, err) < 0)
        return -1;
    *ret_did = xasprintf("added the user '%s'", qemu_user_name);
    return 0;
}

/* May the account open the device for reading and writing? */
static bool account_may_open(const struct stat *st)
{
    const struct passwd *pw = getpwnam(qemu_user_name);
    gid_t groups[256];
    int n = ARRAY_LEN(groups);

    if (!pw || (st->st_mode & 0006) == 0006 || st->st_uid == pw->pw_uid)
        return true;
    if (getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++) {
        if (groups[i] == st->st_gid && (st->st_mode & 0060) == 0060)
            return true;
    }
    return false;
}

void look_kvm_device(struct wire *w, struct finding *ret)
{
    struct stat st;

    (void)w;
    if (stat(kvm_device, &st) != 0) {
        ret->text = xasprintf("there is no %s", kvm_device);
    } else if (geteuid() != 0) {
        bool may = access(kvm_device, R_OK | W_OK) == 0;
        ret->text = xasprintf("%s %s be opened by this user", kvm_device, may ? "can" : "cannot");
    } else if (account_may_open(&st)) {
        ret->text = xasprintf("%s can be opened by '%s'", kvm_device, qemu_user_name);
    } else {
        ret->health = HEALTH_WARN;
        ret->text = xasprintf("%s cannot be opened by '%s'; patchlab hides it from libvirt, other "
                              "programs would start VMs slowly",
                              kvm_device, qemu_user_name);
        ret->mend = xasprintf("chgrp %s %s; chmod 660 %s", kvm_group, kvm_device, kvm_device);
    }
}

int fix_kvm_device(struct wire *w, char **ret_did, struct err **err)
{
    const struct group *g = getgrnam(kvm_group);

    (void)w;
    if (!g)
        return err_set(err, ERR_NOT_FOUND, "there is no group '%s'", kvm_group);
    if (chown(kvm_device, 0, g->gr_gid) != 0 || chmod(kvm_device, KVM_MODE) != 0)
        return err_set_errno(err, errno, "cannot change '%s'", kvm_device);
    *ret_did = xasprintf("gave %s to the group '%s', mode 0660", kvm_device, kvm_group);
    return 0;
}

void look_accel(struct wire *w, struct finding *ret)
{
    const struct stop *stop = wire_site(w)->stop;
    AUTO_ACCEL a = { 0 };
    AUTO_ERR e = NULL;

    if (accel_detect(stop, &a, &e) < 0 || (!a.kvm && accel_probe("tcg", stop, &e) < 0)) {
        ret->health = HEALTH_BAD;
        ret->text = xasprintf("no guest can be run: %s", e->msg);
        ret->mend = xstrdup("install qemu-system-x86, and see what 'qemu-system-x86_64' says");
    } else if (a.kvm) {
        ret->text = xasprintf("KVM: %s", a.reason);
    } else {
        ret->text = xasprintf("TCG, which is slow: %s", a.reason);
    }
}

void look_memory(struct wire *w, struct finding *ret)
{
    int64_t has = host_memory_available();
    AUTO_FREE char *text = unit_size(has);

    (void)w;
    ret->text = xasprintf("%s available", has < 0 ? "unknown" : text);
    if (has >= 0 && has < MEMORY_NEEDED) {
        ret->health = HEALTH_BAD;
        ret->mend = xstrdup("two clones of 512 MiB need 1.3 GiB: stop other programs");
    }
}
