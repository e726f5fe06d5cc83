/* rpm_header - a strict reader of one header; see rpm_header.h. */
#include "adapters/rpm_header.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/rpm_name.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { ENTRY = 16, SHOWN_MAX = 100, REGION_OLD = 61 };
enum type { TYPE_INT32 = 4, TYPE_INT64 = 5, TYPE_STRING = 6, TYPE_BIN = 7, TYPE_ARRAY = 8 };

/* Bytes of one item, and what its offset is a multiple of; strings have no size of their own. */
static const unsigned sizes[] = { 0, 1, 1, 2, 4, 8, 0, 1, 0, 0 };

static const unsigned char magic[] = { 0x8e, 0xad, 0xe8, 0x01 };

struct entry {
    uint32_t tag, type, offset, count;
};

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct entry entry_at(const unsigned char *p)
{
    return (struct entry){ be32(p), be32(p + 4), be32(p + 8), be32(p + 12) };
}

int rpm_header_length(const void *intro, size_t *ret, struct err **err)
{
    const unsigned char *p = intro;

    if (memcmp(p, magic, sizeof(magic)) != 0)
        return err_set(err, ERR_INVALID, "it is damaged (no header where one is expected)");
    uint64_t entries = be32(p + 8), size = be32(p + 12);
    uint64_t length = RPM_HEADER_INTRO + entries * ENTRY + size;
    if (entries == 0)
        return err_set(err, ERR_INVALID, "it is damaged (an empty header)");
    if (length > RPM_HEADER_MAX)
        return err_set(err, ERR_INVALID, "it has a header of more than %u bytes", RPM_HEADER_MAX);
    *ret = (size_t)length;
    return 0;
}

/* --- opening -------------------------------------------------------------------------------- */

static int check_entries(const struct rpm_header *h, struct err **err)
{
    for (uint32_t i = 0; i < h->entries; i++) {
        struct entry e = entry_at(h->index + (size_t)i * ENTRY);

        if (e.type >= ARRAY_LEN(sizes) || e.count == 0 || e.offset >= h->size)
            return err_set(err, ERR_INVALID, "it is damaged (tag %u)", e.tag);
        uint64_t size = sizes[e.type];
        if (size > 0 && (e.offset % size != 0 || e.offset + e.count * size > h->size))
            return err_set(err, ERR_INVALID, "it is damaged (tag %u)", e.tag);
    }
    return 0;
}

/* The first entry points to a copy of itself behind the region's data, which tells by a negative
 * offset how many entries belong to the region. */
static int check_region(const struct rpm_header *h, enum rpm_region region, struct err **err)
{
    struct entry e = entry_at(h->index);

    if (e.tag != region || e.type != TYPE_BIN || e.count != ENTRY)
        return err_set(err, ERR_INVALID, "it is in a format older than rpm 4");
    struct entry trailer = entry_at(h->data + e.offset);
    uint32_t length = -trailer.offset;
    bool known = trailer.tag == region
                 || (region == RPM_REGION_SIGNATURES && trailer.tag == REGION_OLD);
    if (!known || trailer.type != TYPE_BIN || trailer.count != ENTRY || length % ENTRY != 0
        || length / ENTRY > h->entries)
        return err_set(err, ERR_INVALID, "it is damaged (its region)");
    if (region == RPM_REGION_IMMUTABLE && length / ENTRY != h->entries)
        return err_set(err, ERR_INVALID, "it has tags that were added after it was built");
    return 0;
}

int rpm_header_open(const void *mem, size_t len, enum rpm_region region, struct rpm_header *ret,
                    struct err **err)
{
    const unsigned char *p = mem;
    size_t length;

    if (len < RPM_HEADER_INTRO)
        return err_set(err, ERR_INVALID, "it is truncated");
    if (rpm_header_length(p, &length, err) < 0)
        return -1;
    if (length != len)
        return err_set(err, ERR_INVALID, "it is truncated");
    uint32_t entries = be32(p + 8);
    struct rpm_header h = {
        .index = p + RPM_HEADER_INTRO,
        .data = p + RPM_HEADER_INTRO + (size_t)entries * ENTRY,
        .entries = entries,
        .size = be32(p + 12),
    };
    if (check_entries(&h, err) < 0 || check_region(&h, region, err) < 0)
        return -1;
    *ret = h;
    return 0;
}

/* --- tags ----------------------------------------------------------------------------------- */

/* 1 found, 0 not there. */
static int find(const struct rpm_header *h, uint32_t tag, struct entry *ret, struct err **err)
{
    int found = 0;

    for (uint32_t i = 0; i < h->entries; i++) {
        if (be32(h->index + (size_t)i * ENTRY) != tag)
            continue;
        if (found++)
            return err_set(err, ERR_INVALID, "tag %u stands there twice", tag);
        *ret = entry_at(h->index + (size_t)i * ENTRY);
    }
    return found;
}

int rpm_header_text(const struct rpm_header *h, uint32_t tag, const char **ret, struct err **err)
{
    struct entry e;
    int found = find(h, tag, &e, err);

    if (found < 0)
        return -1;
    if (!found) {
        *ret = NULL;
        return 0;
    }
    const char *text = (const char *)h->data + e.offset;
    if ((e.type != TYPE_STRING && e.type != TYPE_ARRAY) || e.count != 1
        || !memchr(text, '\0', h->size - e.offset))
        return err_set(err, ERR_INVALID, "tag %u is no text", tag);
    *ret = text;
    return 0;
}

int rpm_header_int(const struct rpm_header *h, uint32_t tag, uint64_t *ret, bool *ret_there,
                   struct err **err)
{
    struct entry e;
    int found = find(h, tag, &e, err);

    if (found < 0)
        return -1;
    if (!found) {
        *ret_there = false;
        return 0;
    }
    const unsigned char *p = h->data + e.offset;
    if (e.count != 1 || (e.type != TYPE_INT32 && e.type != TYPE_INT64))
        return err_set(err, ERR_INVALID, "tag %u is no number", tag);
    *ret_there = true;
    *ret = e.type == TYPE_INT32 ? be32(p) : (uint64_t)be32(p) << 32 | be32(p + 4);
    return 0;
}

/* --- the package ---------------------------------------------------------------------------- */

static int refuse(const char *text, const char *what, struct err **err)
{
    AUTO_FREE char *shown = str_printable(text, strnlen(text, SHOWN_MAX), false);

    return err_set(err, ERR_INVALID, "'%s' is no valid %s", shown, what);
}

static int wanted(const struct rpm_header *h, uint32_t tag, const char *what,
                  bool (*valid)(const char *), const char **ret, struct err **err)
{
    if (rpm_header_text(h, tag, ret, err) < 0)
        return -1;
    if (!*ret)
        return err_set(err, ERR_INVALID, "it has no %s", what);
    return valid(*ret) ? 0 : refuse(*ret, what, err);
}

int rpm_header_info(const struct rpm_header *h, struct package_info *ret, struct err **err)
{
    const char *name, *version, *release, *arch, *from;
    uint64_t epoch = 0;
    bool has_epoch;

    if (wanted(h, RPM_TAG_NAME, "name", rpm_name_is_valid, &name, err) < 0
        || wanted(h, RPM_TAG_VERSION, "version", rpm_version_is_valid, &version, err) < 0
        || wanted(h, RPM_TAG_RELEASE, "release", rpm_version_is_valid, &release, err) < 0
        || wanted(h, RPM_TAG_ARCH, "architecture", rpm_arch_is_valid, &arch, err) < 0
        || rpm_header_int(h, RPM_TAG_EPOCH, &epoch, &has_epoch, err) < 0
        || rpm_header_text(h, RPM_TAG_SOURCE_RPM, &from, err) < 0)
        return -1;
    if (!from)
        return err_set(err, ERR_INVALID, "it is a source package");
    AUTO_FREE char *source = NULL;
    if (rpm_source_split(from, &source, NULL) < 0)
        return refuse(from, "source package", err);
    *ret = (struct package_info){
        .name = xstrdup(name),
        .version = has_epoch ? xasprintf("%llu:%s-%s", (unsigned long long)epoch, version, release)
                             : xasprintf("%s-%s", version, release),
        .arch = xstrdup(arch),
        .source = TAKE(source),
    };
    return 0;
}
