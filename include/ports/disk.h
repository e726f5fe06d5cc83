/* disk - disk image files on the host: what they are, and making a sealed copy. */
#ifndef PORTS_DISK_H
#define PORTS_DISK_H

#include <stdint.h>

struct err;
struct stop;

struct disk_info {
    char *format;         /* "qcow2", "raw", "vmdk" */
    int64_t virtual_size; /* bytes */
    int64_t actual_size;
};

struct disk_ops {
    /*
     * `format` NULL: found out (raw only for a file that is nothing else and ends with a boot
     * sector or a GPT).  A disk that refers to any other file (backing file, data file, extents)
     * is refused with ERR_INVALID: it could pull in any file of the host.
     */
    int (*inspect)(const char *path, const char *format, struct disk_info *ret, struct err **err);
    /* Writes a self-contained qcow2 to `to` (which must not exist), checked and on disk. */
    int (*seal)(const char *path, const char *format, const char *to, const struct stop *stop,
                void (*progress)(void *arg, double fraction), void *arg, struct err **err);
};

void disk_info_release(struct disk_info *i);
#define AUTO_DISK_INFO __attribute__((cleanup(disk_info_release))) struct disk_info

#endif
