/*
 * fuzz-rpm - reads any bytes as an .rpm, or as its main header alone (digests would keep most
 * changes to it from being looked at).  Whatever the bytes: an error with a message that is fit for
 * a terminal, or a package whose names are safe to use.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapters/archive_impl.h"
#include "adapters/rpm_header.h"
#include "adapters/rpm_name.h"
#include "base/err.h"
#include "base/file.h"
#include "must.h"

static int read_file(const uint8_t *data, size_t size, struct package_info *ret, struct err **err)
{
    AUTO_FD fd = memfd_create("fuzz", MFD_CLOEXEC);

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    return archive_rpm_read(fd, (int64_t)size, ret, err);
}

static int read_header(const uint8_t *data, size_t size, struct package_info *ret, struct err **err)
{
    struct rpm_header h;

    return rpm_header_open(data, size, RPM_REGION_IMMUTABLE, &h, err) < 0
               ? -1
               : rpm_header_info(&h, ret, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_PACKAGE_INFO p = { 0 };
    AUTO_ERR e = NULL;
    int rc = size > 0 && data[0] == 0x8e ? read_header(data, size, &p, &e)
                                         : read_file(data, size, &p, &e);

    must((rc == 0) == !e);
    if (rc == 0)
        must(rpm_name_is_valid(p.name) && rpm_evr_is_valid(p.version) && rpm_arch_is_valid(p.arch)
             && rpm_name_is_valid(p.source));
    else
        must(e->msg && !strpbrk(e->msg, "\x1b\n"));
    return 0;
}
