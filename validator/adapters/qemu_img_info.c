/* qemu_img_info - the second opinion on an image, after disk_probe; see qemu_img_info.h. */
#include "adapters/qemu_img_info.h"

#include <stdbool.h>

#include "adapters/qemu_img.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* Members that must not be there, wherever qemu-img puts them. */
static const struct forbidden {
    const char *key, *why;
} forbidden[] = {
    { "backing-filename", "it needs a backing file" },
    { "full-backing-filename", "it needs a backing file" },
    { "backing-image", "it needs a backing file" },
    { "data-file", "it keeps its data in another file" },
    { "encrypt", "it is encrypted" },
};

static int check_forbidden(const json_t *object, struct err **err)
{
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
        if (json_object_get(object, forbidden[i].key))
            return err_set(err, ERR_INVALID, "%s", forbidden[i].why);
    if (json_is_true(json_object_get(object, "encrypted")))
        return err_set(err, ERR_INVALID, "it is encrypted");
    return 0;
}

/* Of all kinds of vmdk the two that are one file. */
static int check_vmdk(const json_t *data, struct err **err)
{
    const char *kind = json_str_at(data, "create-type");
    const json_t *extents = json_object_get(data, "extents");

    if (!str_eq(kind, "monolithicSparse") && !str_eq(kind, "streamOptimized")) {
        AUTO_FREE char *shown = kind ? str_printable(
                                    kind, json_string_length(json_object_get(data, "create-type")),
                                    false)
                                     : xstrdup("unknown");
        return err_set(err, ERR_INVALID, "its kind of vmdk (%s) is not taken", shown);
    }
    if (json_array_size(extents) != 1)
        return err_set(err, ERR_INVALID, "it is a vmdk of several files");
    return 0;
}

static int check_specific(const json_t *info, const char *format, struct err **err)
{
    const json_t *specific = json_object_get(info, "format-specific");
    const json_t *data = json_object_get(specific, "data");

    if (str_eq(format, "raw"))
        return 0;
    if (!str_eq(json_str_at(specific, "type"), format) || !json_is_object(data))
        return err_set(err, ERR_IO, "qemu-img does not describe the format");
    if (check_forbidden(data, err) < 0)
        return -1;
    if (json_is_true(json_object_get(data, "corrupt")))
        return err_set(err, ERR_INVALID, "it is marked as corrupt");
    return str_eq(format, "vmdk") ? check_vmdk(data, err) : 0;
}

static int take_info(const json_t *info, struct disk_info *ret, struct err **err)
{
    const json_t *size = json_object_get(info, "virtual-size");
    const json_t *actual = json_object_get(info, "actual-size");
    const char *format = json_str_at(info, "format");

    if (!format || !json_is_integer(size) || !json_is_integer(actual))
        return err_set(err, ERR_IO, "qemu-img does not tell format and sizes");
    if (!str_eq(format, "qcow2") && !str_eq(format, "raw") && !str_eq(format, "vmdk"))
        return err_set(err, ERR_INVALID, "its format is not taken");
    if (check_forbidden(info, err) < 0 || check_specific(info, format, err) < 0)
        return -1;
    json_int_t virtual_size = json_integer_value(size);
    if (virtual_size <= 0 || virtual_size > QEMU_IMG_VIRTUAL_MAX)
        return err_set(err, ERR_INVALID, "its virtual size (%lld bytes) is not between 1 and %lld",
                       (long long)virtual_size, QEMU_IMG_VIRTUAL_MAX);
    *ret = (struct disk_info){
        .format = xstrdup(format),
        .virtual_size = virtual_size,
        .actual_size = json_integer_value(actual) < 0 ? 0 : json_integer_value(actual),
    };
    return 0;
}

int qemu_img_info_parse(const char *text, size_t len, struct disk_info *ret, struct err **err)
{
    AUTO_JSON *info = json_parse(text, len, QEMU_IMG_INFO_MAX, "output of qemu-img", err);

    if (!info)
        return -1;
    if (!json_is_object(info))
        return err_set(err, ERR_IO, "qemu-img does not describe an image");
    return take_info(info, ret, err);
}
