/* disk_probe - magic numbers and the header fields that lead elsewhere; see disk_probe.h. */
#include "adapters/disk_probe.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/mem.h"
#include "base/str.h"

enum { HEAD_MAX = 4096 + 8, SECTOR = 512, GPT_AT = 512, GPT_AT_4K = 4096 };

struct head {
    unsigned char bytes[HEAD_MAX];
    size_t len;
    int64_t file_size;
};

static const struct magic {
    const char *bytes;
    size_t at, len;
    const char *format;
    bool taken; /* by us */
} magics[] = {
    { "QFI\xfb", 0, 4, "qcow2", true },
    { "KDMV", 0, 4, "vmdk", true },
    { "COWD", 0, 4, "vmdk of several files", false },
    { "# Disk DescriptorFile", 0, 21, "vmdk of several files", false },
    { "conectix", 0, 8, "vpc", false },
    { "vhdxfile", 0, 8, "vhdx", false },
    { "\x7f\x10\xda\xbe", 64, 4, "vdi", false },
    { "QED", 0, 4, "qed", false }, /* with the NUL at its end */
    { "WithoutFreeSpace", 0, 16, "parallels", false },
    { "WithouFreSpacExt", 0, 16, "parallels", false },
    { "LUKS\xba\xbe", 0, 6, "luks", false },
    { "Bochs Virtual HD Image", 0, 22, "bochs", false },
    { "#!/bin/sh\n#V2.0 Format", 0, 22, "cloop", false },
};

static bool has_at(const struct head *h, size_t at, const void *bytes, size_t len)
{
    return h->len >= at + len && memcmp(h->bytes + at, bytes, len) == 0;
}

static uint32_t be32_at(const struct head *h, size_t at)
{
    uint32_t v;

    memcpy(&v, h->bytes + at, sizeof(v));
    return be32toh(v);
}

static uint64_t u64_at(const struct head *h, size_t at)
{
    uint64_t v;

    memcpy(&v, h->bytes + at, sizeof(v));
    return v;
}

static int read_head(const char *path, struct head *ret, struct err **err)
{
    AUTO_FD fd = file_open_regular(path, &ret->file_size, err);
    if (fd < 0)
        return -1;
    ssize_t n = pread(fd, ret->bytes, sizeof(ret->bytes), 0);
    if (n < 0)
        return err_set_errno(err, errno, "cannot read '%s'", path);
    ret->len = (size_t)n;
    return 0;
}

static const struct magic *find_magic(const struct head *h)
{
    for (size_t i = 0; i < ARRAY_LEN(magics); i++)
        if (has_at(h, magics[i].at, magics[i].bytes, magics[i].len))
            return &magics[i];
    return NULL;
}

/* docs/interop/qcow2.txt of QEMU; big-endian. */
static int check_qcow2(const struct head *h, struct err **err)
{
    enum { VERSION = 4, BACKING = 8, CRYPT = 32, FEATURES = 72, V2_LEN = 72, V3_LEN = 104 };
    enum { DATA_FILE = 1 << 2 };

    if (h->len < V2_LEN)
        return err_set(err, ERR_INVALID, "it is truncated");
    uint32_t version = be32_at(h, VERSION);
    if (version != 2 && version != 3)
        return err_set(err, ERR_INVALID, "it is a qcow2 of version %u", version);
    if (version == 3 && h->len < V3_LEN)
        return err_set(err, ERR_INVALID, "it is truncated");
    if (u64_at(h, BACKING) != 0) {
        err_set(err, ERR_INVALID, "it needs a backing file");
        return err_hint(err, "make it whole with 'qemu-img convert -O qcow2' first");
    }
    if (version == 3 && be64toh(u64_at(h, FEATURES)) & DATA_FILE)
        return err_set(err, ERR_INVALID, "it keeps its data in another file");
    if (be32_at(h, CRYPT) != 0)
        return err_set(err, ERR_INVALID, "it is encrypted");
    return 0;
}

/* VMware's "Virtual Disk Format 5.0"; little-endian, unaligned. */
static int check_vmdk(const struct head *h, struct err **err)
{
    enum { CAPACITY = 12, LEN = 79 };

    if (h->len < LEN)
        return err_set(err, ERR_INVALID, "it is truncated");
    /* Without a capacity of its own, its descriptor names the files that hold the data. */
    if (u64_at(h, CAPACITY) == 0)
        return err_set(err, ERR_INVALID, "it keeps its data in another file");
    return 0;
}

static int check_raw(const struct head *h, struct err **err)
{
    if (has_at(h, SECTOR - 2, "\x55\xaa", 2) || has_at(h, GPT_AT, "EFI PART", 8)
        || has_at(h, GPT_AT_4K, "EFI PART", 8))
        return 0;
    err_set(err, ERR_INVALID, "it is no disk image that is known here");
    return err_hint(err, "say that its format is raw if it is a disk without a partition table");
}

static int check_size(const struct head *h, struct err **err)
{
    if (h->file_size == 0 || h->file_size % SECTOR != 0)
        return err_set(err, ERR_INVALID, "its size is not a number of whole sectors");
    return 0;
}

static int identify(const struct head *h, const char *wanted, const char **ret, struct err **err)
{
    const struct magic *m = find_magic(h);
    const char *found = m ? m->format : "raw";

    if (wanted && !str_eq(wanted, "qcow2") && !str_eq(wanted, "raw") && !str_eq(wanted, "vmdk"))
        return err_set(err, ERR_INVALID, "disk format '%s' is not one of qcow2, raw and vmdk",
                       wanted);
    if (str_eq(wanted, "raw")) {
        *ret = "raw";
        return check_size(h, err);
    }
    if (m && !m->taken) {
        err_set(err, ERR_INVALID, "its format (%s) is not taken", found);
        return err_hint(err, "convert it with 'qemu-img convert -O qcow2' first");
    }
    if (wanted && !str_eq(wanted, found))
        return err_set(err, ERR_INVALID, "it is not in format %s", wanted);
    *ret = found;
    if (str_eq(found, "qcow2"))
        return check_qcow2(h, err);
    if (str_eq(found, "vmdk"))
        return check_vmdk(h, err);
    return check_raw(h, err) < 0 ? -1 : check_size(h, err);
}

int disk_probe(const char *path, const char *wanted, const char **ret, struct err **err)
{
    struct head h = { .len = 0 };

    if (read_head(path, &h, err) < 0)
        return -1;
    return identify(&h, wanted, ret, err) < 0 ? err_wrap(err, "cannot use disk '%s'", path) : 0;
}
