/*
 * archive_rpm - what an .rpm says of itself: lead, signature header, main header, payload.
 *
 * Sizes and SHA-256 digests that it brings must be right, so that a file that was damaged on its
 * way is found when it comes in and not in the guest.  Whose it is, by its PGP signature, is a
 * question for the guest's rpm and its keys.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/archive_impl.h"
#include "adapters/rpm_header.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/file_open.h"
#include "base/mem.h"
#include "base/str.h"

enum { LEAD = 96, SHA256_ALGORITHM = 8, BLOCK = 1 << 16 };

static int check_lead(int fd, struct err **err)
{
    static const unsigned char magic[] = { 0xed, 0xab, 0xee, 0xdb };
    unsigned char lead[LEAD];
    AUTO_ERR e = NULL;

    if (file_read_at(fd, 0, lead, sizeof(lead), &e) < 0 && e->code != ERR_INVALID) {
        *err = TAKE(e);
        return -1;
    }
    if (e || memcmp(lead, magic, sizeof(magic)) != 0)
        return err_set(err, ERR_INVALID, "it is not an rpm package");
    if (lead[4] < 3)
        return err_set(err, ERR_INVALID, "it is in a format older than rpm 4");
    return 0;
}

struct part {
    unsigned char *mem;
    size_t len;
    struct rpm_header header;
};

static void part_release(struct part *p)
{
    free(p->mem);
}
#define AUTO_PART __attribute__((cleanup(part_release))) struct part

static int read_part(int fd, int64_t at, int64_t size, enum rpm_region region, struct part *ret,
                     struct err **err)
{
    unsigned char intro[RPM_HEADER_INTRO];
    size_t len;

    if (file_read_at(fd, at, intro, sizeof(intro), err) < 0
        || rpm_header_length(intro, &len, err) < 0)
        return -1;
    /* Before memory is taken for what is not there. */
    if ((int64_t)len > size - at)
        return err_set(err, ERR_INVALID, "it is truncated");
    ret->mem = xcalloc(1, len);
    ret->len = len;
    return file_read_at(fd, at, ret->mem, len, err) < 0
               ? -1
               : rpm_header_open(ret->mem, len, region, &ret->header, err);
}

/* `rest`: the bytes behind the signatures. */
static int check_size(const struct part *signatures, int64_t rest, bool *ret_checked,
                      struct err **err)
{
    static const uint32_t tags[] = { RPM_SIG_LONG_SIZE, RPM_SIG_SIZE };

    *ret_checked = false;
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        uint64_t size = 0;
        bool there;

        if (rpm_header_int(&signatures->header, tags[i], &size, &there, err) < 0)
            return -1;
        if (there && size != (uint64_t)rest)
            return err_set(err, ERR_INVALID, "it is %s",
                           size > (uint64_t)rest ? "truncated" : "longer than it says");
        *ret_checked |= there;
    }
    return 0;
}

static int check_header(const struct part *signatures, const struct part *main, struct err **err)
{
    char hex[DIGEST_HEX_SIZE];
    const char *want;

    if (rpm_header_text(&signatures->header, RPM_SIG_SHA256, &want, err) < 0)
        return -1;
    digest_mem(main->mem, main->len, hex);
    if (want && !str_eq(want, hex))
        return err_set(err, ERR_INVALID, "it is damaged (the digest of its header)");
    return 0;
}

static int check_payload(int fd, int64_t at, int64_t size, const char *want, struct err **err)
{
    AUTO_FREE char *block = xcalloc(1, BLOCK);
    AUTO_DIGEST d = digest_new();
    char hex[DIGEST_HEX_SIZE];

    while (at < size) {
        size_t len = size - at < BLOCK ? (size_t)(size - at) : BLOCK;

        if (file_read_at(fd, at, block, len, err) < 0)
            return -1;
        digest_add(d, block, len);
        at += (int64_t)len;
    }
    digest_hex(d, hex);
    if (!str_eq(want, hex))
        return err_set(err, ERR_INVALID, "it is damaged (the digest of its payload)");
    return 0;
}

/* NULL: none, or not by SHA-256. */
static int payload_digest(const struct part *main, const char **ret, struct err **err)
{
    uint64_t algorithm = 0;
    bool there;

    if (rpm_header_text(&main->header, RPM_TAG_PAYLOAD_DIGEST, ret, err) < 0
        || rpm_header_int(&main->header, RPM_TAG_PAYLOAD_ALGORITHM, &algorithm, &there, err) < 0)
        return -1;
    if (there && algorithm != SHA256_ALGORITHM)
        *ret = NULL;
    return 0;
}

int archive_rpm_read(int fd, int64_t size, struct package_info *ret, struct err **err)
{
    AUTO_PART signatures = { 0 }, main = { 0 };
    const char *digest;
    bool sized;

    if (check_lead(fd, err) < 0
        || read_part(fd, LEAD, size, RPM_REGION_SIGNATURES, &signatures, err) < 0)
        return -1;
    int64_t at = LEAD + (int64_t)(signatures.len + 7) / 8 * 8;
    if (read_part(fd, at, size, RPM_REGION_IMMUTABLE, &main, err) < 0
        || check_size(&signatures, size - at, &sized, err) < 0
        || check_header(&signatures, &main, err) < 0 || payload_digest(&main, &digest, err) < 0)
        return -1;
    if (!sized && !digest)
        return err_set(err, ERR_INVALID, "it does not tell how long it is");
    if (digest && check_payload(fd, at + (int64_t)main.len, size, digest, err) < 0)
        return -1;
    return rpm_header_info(&main.header, ret, err);
}

int archive_rpm_info(const char *file, struct package_info *ret, struct err **err)
{
    int64_t size;
    AUTO_FD fd = file_open_regular(file, &size, err);

    if (fd < 0)
        return -1;
    if (archive_rpm_read(fd, size, ret, err) < 0)
        return err_wrap(err, "cannot read package '%s'", file);
    return 0;
}
