/* deb_ar - the outer archive of a .deb; see deb_ar.h. */
#include "adapters/deb_ar.h"

#include <string.h>

#include "base/err.h"
#include "base/file_open.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"

#define MAGIC "!<arch>\n"

enum { MAGIC_LEN = 8, PARTS_MAX = 16 };

/* As it lies in the file: text, filled up with blanks. */
struct ar_header {
    char name[16], date[12], uid[6], gid[6], mode[8], size[10], end[2];
};
_Static_assert(sizeof(struct ar_header) == 60, "an ar header has 60 bytes");

/* The text of a header's field without the blanks (and the '/' that GNU ar adds) at its end. */
static void field(char *ret, const char *raw, size_t len)
{
    while (len > 0 && raw[len - 1] == ' ')
        len--;
    if (len > 0 && raw[len - 1] == '/')
        len--;
    memcpy(ret, raw, len);
    ret[len] = '\0';
}

static int read_part(int fd, int64_t at, int64_t size, struct deb_part *ret, struct err **err)
{
    struct ar_header h;
    char digits[sizeof(h.size) + 1];

    if (file_read_at(fd, at, &h, sizeof(h), err) < 0)
        return -1;
    field(ret->name, h.name, sizeof(h.name));
    field(digits, h.size, sizeof(h.size));
    AUTO_ERR bad_number = NULL;
    if (memcmp(h.end, "`\n", sizeof(h.end)) != 0
        || unit_parse_int(digits, 0, INT64_MAX, &ret->size, &bad_number) < 0)
        return err_set(err, ERR_INVALID, "it is damaged (at byte %lld)", (long long)at);
    ret->begin = at + (int64_t)sizeof(h);
    if (ret->size > size - ret->begin) {
        AUTO_FREE char *shown = str_printable(ret->name, strlen(ret->name), false);
        return err_set(err, ERR_INVALID, "it is truncated (in '%s')", shown);
    }
    return 0;
}

static int check_version(int fd, const struct deb_part *p, struct err **err)
{
    char text[4] = "";

    if (!str_eq(p->name, "debian-binary") || p->size < 4)
        return err_set(err, ERR_INVALID, "it is not a Debian package");
    if (file_read_at(fd, p->begin, text, sizeof(text), err) < 0)
        return -1;
    if (memcmp(text, "2.", 2) != 0)
        return err_set(err, ERR_INVALID, "it is a Debian package of another format than 2.0");
    return 0;
}

/* What dpkg can unpack, by the end of the name. */
static bool compression_is_known(const char *suffix)
{
    static const char *const known[] = { "", ".gz", ".xz", ".zst" };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(suffix, known[i]))
            return true;
    return false;
}

/* What the part at this place must be; those with '_' in front are for others, says deb(5). */
static int take_part(int fd, const struct deb_part *p, int *seen, struct deb_part ret[3],
                     struct err **err)
{
    static const char *const order[] = { "debian-binary", "control.tar", "data.tar" };

    if (*seen > 0 && p->name[0] == '_')
        return 0;
    bool right = *seen < (int)ARRAY_LEN(order) && str_starts(p->name, order[*seen]);
    if (right && *seen == 1)
        right = compression_is_known(p->name + strlen(order[1]));
    if (!right) {
        AUTO_FREE char *shown = str_printable(p->name, strlen(p->name), false);
        if (*seen == 0)
            return err_set(err, ERR_INVALID, "it is not a Debian package");
        return err_set(err, ERR_INVALID, "part '%s' stands where %s is expected", shown,
                       *seen < (int)ARRAY_LEN(order) ? order[*seen] : "the end");
    }
    if (*seen == 0 && check_version(fd, p, err) < 0)
        return -1;
    ret[*seen] = *p;
    ++*seen;
    return 0;
}

static int read_parts(int fd, int64_t size, struct deb_part ret[3], struct err **err)
{
    char magic[MAGIC_LEN];
    int seen = 0, parts = 0;

    if (size < MAGIC_LEN || file_read_at(fd, 0, magic, sizeof(magic), err) < 0
        || memcmp(magic, MAGIC, MAGIC_LEN) != 0)
        return *err ? -1 : err_set(err, ERR_INVALID, "it is not a Debian package");
    for (int64_t at = MAGIC_LEN; at < size;) {
        struct deb_part p;

        if (++parts > PARTS_MAX)
            return err_set(err, ERR_INVALID, "it has more than %d parts", PARTS_MAX);
        if (read_part(fd, at, size, &p, err) < 0 || take_part(fd, &p, &seen, ret, err) < 0)
            return -1;
        at = p.begin + p.size + p.size % 2;
    }
    if (seen < 3)
        return err_set(err, ERR_INVALID, "it is truncated (a part is missing)");
    return 0;
}

static int part(int fd, int64_t size, int which, struct deb_part *ret, struct err **err)
{
    struct deb_part parts[3] = { 0 };

    if (read_parts(fd, size, parts, err) < 0)
        return -1;
    *ret = parts[which];
    return 0;
}

int deb_ar_control(int fd, int64_t size, struct deb_part *ret, struct err **err)
{
    return part(fd, size, 1, ret, err);
}

int deb_ar_data(int fd, int64_t size, struct deb_part *ret, struct err **err)
{
    return part(fd, size, 2, ret, err);
}
