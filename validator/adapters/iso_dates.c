/* iso_dates - walks all directory records of a disc and sets their dates; see iso_dates.h. */
#include "adapters/iso_dates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

enum {
    SECTOR = 2048,
    VOLUME = 16 * SECTOR, /* the primary volume descriptor */
    ROOT = VOLUME + 156,  /* the record of the root directory */
    ROOT_LEN = 34,
    DATES = VOLUME + 813, /* created, modified, expires, effective: 17 bytes each */
    ABOUT = 18 * SECTOR,  /* libarchive's words about itself */
    DEPTH_MAX = 16,
};

/* ECMA-119 9.1: a directory record; below it the Rock Ridge entries. */
enum { R_EXTENT = 2, R_SIZE = 10, R_DATE = 18, R_FLAGS = 25, R_NAME_LEN = 32, R_NAME = 33 };
enum { DATE_LEN = 7, LONG_DATE_LEN = 17, FLAG_DIR = 2 };

/* 2000-01-01, midnight, UTC. */
static const unsigned char date[DATE_LEN] = { 100, 1, 1, 0, 0, 0, 0 };
static const char volume_dates[] = "2000010100000000\0"
                                   "2000010100000000\0"
                                   "0000000000000000\0"
                                   "2000010100000000";

struct image {
    unsigned char *ptr;
    size_t size;
    bool bad;
};

static void image_release(struct image *i)
{
    if (i->ptr)
        munmap(i->ptr, i->size);
}

static bool inside(struct image *i, size_t at, size_t len)
{
    if (at > i->size || len > i->size - at)
        i->bad = true;
    return !i->bad;
}

static uint32_t le32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* "TF", length, version, a bit for each stamp (bit 7: long ones), stamps. */
static void fix_stamps(struct image *i, size_t at, size_t len)
{
    enum { HEAD = 5 };
    size_t each = i->ptr[at + 4] & 0x80 ? LONG_DATE_LEN : DATE_LEN;

    for (size_t pos = HEAD; pos + each <= len; pos += each) {
        if (each == DATE_LEN)
            memcpy(i->ptr + at + pos, date, DATE_LEN);
        else
            memcpy(i->ptr + at + pos, volume_dates, LONG_DATE_LEN);
    }
}

/* The entries of one record; what has no room in it continues at another place ("CE"). */
static void fix_rock_ridge(struct image *i, size_t at, size_t len)
{
    size_t next = 0, next_len = 0;

    for (int areas = 0; areas < DEPTH_MAX && inside(i, at, len); areas++) {
        for (size_t end = at + len; at + 5 <= end;) {
            const unsigned char *e = i->ptr + at;

            if (e[2] < 4 || e[2] > end - at)
                break;
            if (memcmp(e, "TF", 2) == 0)
                fix_stamps(i, at, e[2]);
            if (memcmp(e, "CE", 2) == 0 && e[2] >= 28) {
                next = (size_t)le32(e + 4) * SECTOR + le32(e + 12);
                next_len = le32(e + 20);
            }
            at += e[2];
        }
        if (next_len == 0)
            return;
        at = next;
        len = next_len;
        next_len = 0;
    }
}

static void fix_record(struct image *i, size_t at, size_t len)
{
    size_t names = R_NAME + (size_t)i->ptr[at + R_NAME_LEN];

    memcpy(i->ptr + at + R_DATE, date, DATE_LEN);
    names += names % 2;
    if (names < len)
        fix_rock_ridge(i, at + names, len - names);
}

static void fix_directory(struct image *i, const unsigned char *record, int depth)
{
    size_t at = (size_t)le32(record + R_EXTENT) * SECTOR, end = at + le32(record + R_SIZE);

    if (depth > DEPTH_MAX || !inside(i, at, end - at)) {
        i->bad = true;
        return;
    }
    while (at < end && !i->bad) {
        unsigned char *r = i->ptr + at;
        size_t len = r[0];

        if (len == 0) { /* records do not cross sectors */
            at = (at / SECTOR + 1) * SECTOR;
            continue;
        }
        if (len < ROOT_LEN || len > end - at) {
            i->bad = true;
            return;
        }
        fix_record(i, at, len);
        bool self_or_parent = r[R_NAME_LEN] == 1 && r[R_NAME] <= 1;
        if (r[R_FLAGS] & FLAG_DIR && !self_or_parent)
            fix_directory(i, r, depth + 1);
        at += len;
    }
}

int iso_dates_fix(const char *path, struct err **err)
{
    __attribute__((cleanup(image_release))) struct image i = { 0 };
    AUTO_FD fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        return err_set_errno(err, errno, "cannot open disc '%s'", path);
    if (st.st_size < ABOUT + SECTOR)
        return err_set(err, ERR_CORRUPT, "disc '%s' is too short", path);
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return err_set_errno(err, errno, "cannot map disc '%s'", path);
    i.ptr = map;
    i.size = (size_t)st.st_size;

    memcpy(i.ptr + DATES, volume_dates, sizeof(volume_dates));
    memset(i.ptr + ABOUT, 0, SECTOR);
    fix_record(&i, ROOT, ROOT_LEN);
    fix_directory(&i, i.ptr + ROOT, 0);
    if (i.bad)
        return err_set(err, ERR_CORRUPT, "disc '%s' has a directory that cannot be read", path);
    return 0;
}
