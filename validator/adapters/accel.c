/* Finds out whether KVM really runs a guest; see accel.h. */
#include "adapters/accel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"

/*
 * A boot sector: real mode -> GDT -> protected mode -> write 0x10 to port 0xf4.  QEMU's
 * isa-debug-exit device ends QEMU with status (0x10 << 1) | 1 = 33.
 *
 *  7c00 fa                 cli
 *  7c01 31 c0              xor ax, ax
 *  7c03 8e d8              mov ds, ax
 *  7c05 0f 01 16 38 7c     lgdt [0x7c38]
 *  7c0a 0f 20 c0           mov eax, cr0
 *  7c0d 66 83 c8 01        or eax, 1
 *  7c11 0f 22 c0           mov cr0, eax
 *  7c14 ea 19 7c 08 00     jmp 0x08:0x7c19
 *  7c19 b0 10              mov al, 0x10         (32 bit from here)
 *  7c1b e6 f4              out 0xf4, al
 *  7c1d f4                 hlt
 *  7c1e eb fd              jmp 0x7c1d
 *  7c20 GDT: null, flat 32-bit code;  7c38 GDTR: limit 15, base 0x7c20
 */
static const unsigned char boot_code[] = {
    0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x0f, 0x01, 0x16, 0x38, 0x7c, 0x0f, 0x20, 0xc0, 0x66, 0x83, 0xc8,
    0x01, 0x0f, 0x22, 0xc0, 0xea, 0x19, 0x7c, 0x08, 0x00, 0xb0, 0x10, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9a, 0xcf, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x20, 0x7c, 0x00, 0x00,
};
enum { SECTOR_SIZE = 512, RAN = 33, CPUINFO_MAX = 4 << 20 };

static bool cpu_offers_kvm(void)
{
    AUTO_ERR ignored = NULL;
    AUTO_FREE char *info = file_read("/proc/cpuinfo", CPUINFO_MAX, NULL, &ignored);

    return info && (strstr(info, " vmx") || strstr(info, " svm"));
}

int accel_probe(const char *accel, const struct stop *stop, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "patchlab-probe", err);
    if (!dir)
        return -1;

    unsigned char sector[SECTOR_SIZE] = { 0 };
    memcpy(sector, boot_code, sizeof(boot_code));
    sector[SECTOR_SIZE - 2] = 0x55;
    sector[SECTOR_SIZE - 1] = 0xaa;
    AUTO_FREE char *disk = path_join(dir, "boot.img");
    if (file_write(disk, sector, sizeof(sector), 0600, err) < 0)
        return -1;

    AUTO_FREE char *drive = xasprintf("file=%s,format=raw,if=ide", disk);
    const char *argv[] = { "qemu-system-x86_64",
                           "-accel",
                           accel,
                           "-machine",
                           "pc",
                           "-m",
                           "16",
                           "-nodefaults",
                           "-no-user-config",
                           "-display",
                           "none",
                           "-drive",
                           drive,
                           "-device",
                           "isa-debug-exit,iobase=0xf4,iosize=0x04",
                           NULL };
    struct proc_spec spec = {
        .argv = argv,
        .out_max = 4096,
        .err_max = 4096,
        .timeout_ms = ACCEL_PROBE_MS,
        .stop = stop,
    };
    AUTO_PROC_RESULT r = { 0 };
    if (proc_run(&spec, &r, err) < 0)
        return -1;
    if (r.exit_code != RAN)
        return err_set(err, ERR_IO, "a boot sector did not run under %s (status %d): %s", accel,
                       r.exit_code, r.err.ptr);
    return 0;
}

int accel_detect(const struct stop *stop, struct accel *ret, struct err **err)
{
    AUTO_ERR why = NULL;
    int64_t begin = clock_mono_ms();

    *ret = (struct accel){ 0 };
    if (access("/dev/kvm", F_OK) != 0) {
        ret->reason = xstrdup("there is no /dev/kvm");
    } else if (!cpu_offers_kvm()) {
        ret->reason = xstrdup("the CPU offers neither vmx nor svm");
    } else if (access("/dev/kvm", R_OK | W_OK) != 0) {
        ret->reason = xstrdup("/dev/kvm may not be opened by this user");
    } else if (accel_probe("kvm", stop, &why) == 0) {
        ret->kvm = true;
        ret->reason = xasprintf("a boot sector ran under KVM in %.1f s",
                                (double)(clock_mono_ms() - begin) / 1000);
    } else if (why->code == ERR_CANCELLED) {
        *err = TAKE(why);
        return -1;
    } else {
        ret->reason = xstrdup(why->msg);
    }
    return 0;
}

void accel_release(struct accel *a)
{
    free(a->reason);
}
