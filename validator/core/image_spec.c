/* image.yaml: what an image stands for, what its guest needs, how it is built. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/category.h"
#include "core/image.h"

#define MIB (1L << 20)
#define TIB (1L << 40)

enum {
    BUILD_TIMEOUT_MS = 30 * 60 * 1000,
    BUILD_TIMEOUT_MIN_MS = 1000,
    BUILD_TIMEOUT_MAX_MS = 24 * 60 * 60 * 1000,
    VCPUS_MAX = 255,
};

#define MEMORY_MIN (16 * MIB)

#define AT(member) offsetof(struct image_spec, member)

struct represents {
    int category;
    struct strv servers;
};

/* The queue holds one entry for each server, so a name counts once. */
static int check_servers(const struct decoder *d, const struct node *n, const char *path,
                         const struct strv *servers, struct err **err)
{
    AUTO_STRV seen = { 0 };

    for (size_t i = 0; i < servers->len; i++) {
        if (strv_has(&seen, servers->ptr[i]))
            return decode_error(d, n, path, err, "server '%s' is listed twice", servers->ptr[i]);
        strv_add(&seen, servers->ptr[i]);
    }
    return 0;
}

static int decode_represents(const struct decoder *d, const struct node *n, const char *path,
                             void *target, struct err **err)
{
    static const struct field fields[] = {
        { "category", FIELD_ENUM, offsetof(struct represents, category), .required = true,
          .names = category_names },
        { "servers", FIELD_NAMES, offsetof(struct represents, servers) },
        { 0 },
    };
    struct image_spec *s = target;
    struct represents r = { 0 };

    if (decode_map(d, n, path, fields, &r, err) < 0
        || check_servers(d, n, path, &r.servers, err) < 0) {
        strv_release(&r.servers);
        return -1;
    }
    s->category = xstrdup(category_names[r.category]);
    s->servers = r.servers;
    return 0;
}

static int decode_build(const struct decoder *d, const struct node *n, const char *path,
                        void *target, struct err **err)
{
    static const struct field fields[] = {
        { "command", FIELD_TEXT, AT(build_command), .required = true },
        { "timeout", FIELD_DURATION, AT(build_timeout), .min = BUILD_TIMEOUT_MIN_MS,
          .max = BUILD_TIMEOUT_MAX_MS },
        { "uses", FIELD_TEXTS, AT(build_uses) },
        { 0 },
    };
    struct image_spec *s = target;

    if (decode_map(d, n, path, fields, s, err) < 0)
        return -1;
    if (!*s->build_command)
        return decode_error(d, n, "build.command", err, "expected the name of a program");
    return 0;
}

/* A row with offset 0 is given the whole struct. */
static const struct field fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "description", FIELD_TEXT, AT(description) },
    { "represents", FIELD_CUSTOM, 0, .required = true, .decode = decode_represents },
    { "firmware", FIELD_ENUM, AT(firmware), .names = firmware_names },
    { "size", FIELD_SIZE, AT(size), .min = MIB, .max = 16 * TIB },
    { "memory", FIELD_SIZE, AT(memory), .min = MEMORY_MIN, .max = TIB },
    { "vcpus", FIELD_INT, AT(vcpus), .min = 1, .max = VCPUS_MAX },
    { "packages", FIELD_NAME, AT(packages) },
    { "ready", FIELD_CUSTOM, AT(ready), .decode = command_decode },
    { "build", FIELD_CUSTOM, 0, .decode = decode_build },
    { 0 },
};

void image_spec_init(struct image_spec *s)
{
    *s = (struct image_spec){
        .firmware = FIRMWARE_BIOS,
        .memory = 512 * MIB,
        .vcpus = 1,
        .build_timeout = BUILD_TIMEOUT_MS,
    };
}

/* A disk cannot be laid out without its size; one that is imported brings it along. */
static int check_size(const struct decoder *d, const struct node *n, const struct image_spec *s,
                      struct err **err)
{
    if (!s->build_command || s->size > 0)
        return 0;
    return decode_error(d, n, "size", err, "required with 'build', but missing");
}

int image_spec_read(const char *path, struct image_spec *ret, struct err **err)
{
    const struct decoder d = { .file = path };
    AUTO_NODE n = node_read(path, err);
    AUTO_IMAGE_SPEC s;

    image_spec_init(&s);
    if (!n || decode_map(&d, n, "", fields, &s, err) < 0 || check_size(&d, n, &s, err) < 0)
        return -1;
    *ret = s;
    image_spec_init(&s);
    return 0;
}

static int check_represents(const struct image_spec *s, struct err **err)
{
    AUTO_STRV seen = { 0 };

    for (size_t i = 0; i < s->servers.len; i++) {
        if (!name_is_valid(s->servers.ptr[i]))
            return err_set(err, ERR_INVALID, "'%s' is no name for a server", s->servers.ptr[i]);
        if (strv_has(&seen, s->servers.ptr[i]))
            return err_set(err, ERR_INVALID, "server '%s' is given twice", s->servers.ptr[i]);
        strv_add(&seen, s->servers.ptr[i]);
    }
    return 0;
}

int image_spec_check(const struct image_spec *s, struct err **err)
{
    const char *text = s->description ? s->description : "";
    AUTO_FREE char *clean = str_printable(text, strlen(text), false);

    if (!s->name || !name_is_valid(s->name)) {
        err_set(err, ERR_INVALID, "'%s' is no name for an image", s->name ? s->name : "");
        return err_hint(err, "use a-z, 0-9 and '.', '_', '+', '~', '-'");
    }
    if (!str_eq(clean, text))
        return err_set(err, ERR_INVALID, "the description is not one line of plain text");
    if (s->memory < MEMORY_MIN || s->memory > TIB)
        return err_set(err, ERR_INVALID, "the memory of a clone must be 16 MiB to 1 TiB");
    return check_represents(s, err);
}

void image_spec_release(struct image_spec *s)
{
    free(s->name);
    free(s->description);
    free(s->packages);
    free(s->category);
    free(s->build_command);
    command_release(&s->ready);
    strv_release(&s->servers);
    strv_release(&s->build_uses);
    *s = (struct image_spec){ 0 };
}
