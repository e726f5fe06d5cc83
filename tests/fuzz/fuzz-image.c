/*
 * fuzz-image - any bytes as an image.yaml.  Whatever they are: an error that names the file, or a
 * spec within the limits whose servers are all different.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/category.h"
#include "core/image.h"
#include "must.h"

static int is_category(const char *name)
{
    for (int i = 0; category_names[i]; i++)
        if (str_eq(category_names[i], name))
            return 1;
    return 0;
}

static void check_spec(const struct image_spec *s)
{
    must(s->name && name_is_valid(s->name) && is_category(s->category));
    must(s->firmware == FIRMWARE_BIOS || s->firmware == FIRMWARE_UEFI);
    must(s->memory > 0 && s->vcpus >= 1 && s->vcpus <= 255 && s->size >= 0);
    must(!s->build_command || (*s->build_command && s->size > 0 && s->build_timeout > 0));
    must(s->ready.argv.len == 0 || s->ready.timeout_ms > 0);
    for (size_t i = 0; i < s->servers.len; i++)
        for (size_t k = 0; k < i; k++)
            must(!str_eq(s->servers.ptr[i], s->servers.ptr[k]));
}

static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("image.yaml", MFD_CLOEXEC);

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = file_of(data, size);
    AUTO_FREE char *path = xasprintf("/proc/self/fd/%d", fd);
    AUTO_IMAGE_SPEC s = { 0 };
    AUTO_ERR e = NULL;
    int rc = image_spec_read(path, &s, &e);

    must((rc == 0) == !e);
    if (rc == 0)
        check_spec(&s);
    else
        must(!s.name && strstr(e->msg, path) && !strpbrk(e->msg, "\x1b\n"));
    close(fd);
    return 0;
}
